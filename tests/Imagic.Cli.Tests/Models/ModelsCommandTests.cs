using Imagic.Tests;

namespace Imagic.Cli.Tests.Models;

public class ModelsCommandTests
{
    [Fact]
    public async Task List_NamesTheEmbeddedModel()
    {
        var end = await ImagicProcess.RunAsync("models", "list");

        Assert.Equal(0, end.ExitCode);
        Assert.StartsWith("emoji-64 (default): 64x64 pixels", end.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sd1-micro")]
    [InlineData("sd2-micro")]
    [InlineData("sdxl-micro")]
    public async Task Verify_OfAWholePackage_PrintsItsHash(string fixture)
    {
        var end = await ImagicProcess.RunAsync("models", "verify", RepositoryFiles.Fixture(fixture));

        Assert.Equal(0, end.ExitCode);
        Assert.Matches("sha256 [0-9a-f]{64}", end.Output);
    }

    [Fact]
    public async Task Verify_OfAnIncompletePackage_NamesTheComponent()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(RepositoryFiles.Fixture("sd1-micro"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder.Path, Path.GetRelativePath(RepositoryFiles.Fixture("sd1-micro"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (!file.EndsWith("vae/diffusion_pytorch_model.safetensors", StringComparison.Ordinal)) File.Copy(file, copy);
        }

        var end = await ImagicProcess.RunAsync("models", "verify", folder.Path);

        Assert.Equal(1, end.ExitCode);
        Assert.Contains("vae: NOT OK", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_TellsEachWayAndWhetherItFits()
    {
        var end = await ImagicProcess.RunAsync("models", "plan", RepositoryFiles.Fixture("sd15-config"), "--memory", "14GB");

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Contains("860 M weights, 512x512", end.Output, StringComparison.Ordinal);
        Assert.Equal(18, end.Output.Split('\n').Count(line => line.Contains("adamw", StringComparison.Ordinal)));
        Assert.Matches(@"full\s+│ adamw\s+│ all kept .* no ", end.Output);
        Assert.Matches(@"full\s+│ adamw\s+│ checkpointing, offload .* yes ", end.Output);
        Assert.Matches(@"full\s+│ adamw8bit │ all kept .* yes ", end.Output);
    }

    [Fact]
    public async Task Plan_WithAMemoryThatIsNoNumber_SaysHowItIsWritten()
    {
        var end = await ImagicProcess.RunAsync("models", "plan", "emoji-64", "--memory", "plenty");

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("--memory takes gigabytes such as 16GB; got 'plenty'", end.Error, StringComparison.Ordinal);
    }
}
