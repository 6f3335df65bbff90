using System.Diagnostics;

namespace Imagic.Infra.Tests;

public class PushModelsHookTests
{
    [Fact]
    public async Task Hook_WithoutModels_DoesNothing()
    {
        var result = await RunAsync([]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Output + result.Errors);
    }

    [Fact]
    public async Task Hook_OutsideAzd_SaysHowToRunIt()
    {
        var result = await RunAsync(new() { ["IMAGIC_MODEL_FOLDERS"] = "models/a" });

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("azd hooks run postprovision", result.Errors, StringComparison.Ordinal);
    }

    private static async Task<ProgramResult> RunAsync(Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("sh", [Path.Combine(Bicep.Folder, "hooks", "push-models.sh")])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return await ProgramResult.OfAsync(start);
    }
}
