using Imagic.Storage;
using Imagic.Tests;

namespace Imagic.Cli.Tests.Models;

[Collection(RunningEnvironmentTests.Name)]
public class PushCommandTests(RunningEnvironment environment)
{
    private readonly Dictionary<string, string> _storage = new() { [StorageOptions.Connection] = environment.ConnectionString };

    [Fact]
    public async Task Push_InHalfPrecision_StoresHalfTheBytes_AndListNamesBoth()
    {
        var whole = await RunAsync("models", "push", RepositoryFiles.Fixture("sd1-micro"), "--name", "micro-whole");
        var half = await RunAsync("models", "push", RepositoryFiles.Fixture("sd1-micro"), "--name", "micro-half", "--float16");
        var list = await RunAsync("models", "list", "--stored");

        Assert.All([whole, half, list], end => Assert.Equal((0, ""), (end.ExitCode, end.Error)));
        Assert.Matches("micro-whole: [0-9]+ files, [0-9.]+ MB, in [0-9.]+ s; sha256 [0-9a-f]{64}", whole.Output);
        Assert.Contains("micro-half: ", list.Output, StringComparison.Ordinal);
        Assert.Contains("micro-whole: ", list.Output, StringComparison.Ordinal);
        Assert.InRange(Megabytes(half) / Megabytes(whole), 0.4, 0.7);
    }

    [Fact]
    public async Task Push_UnderAnImpossibleName_SaysWhatANameHas()
    {
        var end = await RunAsync("models", "push", RepositoryFiles.Fixture("sd1-micro"), "--name", "a/b");

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("'a/b' cannot be the name of a model", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_WithoutAStorageAccount_SaysHowToNameOne()
    {
        var end = await ImagicProcess.RunAsync("models", "push", RepositoryFiles.Fixture("sd1-micro"));

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("ImagicStorage", end.Error, StringComparison.Ordinal);
    }

    private static double Megabytes(ProcessEnd end) =>
        double.Parse(end.Output.Split(" MB")[0].Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);

    private async Task<ProcessEnd> RunAsync(params string[] arguments)
    {
        using var process = ImagicProcess.Run(_storage, arguments);
        return await process.EndAsync();
    }
}
