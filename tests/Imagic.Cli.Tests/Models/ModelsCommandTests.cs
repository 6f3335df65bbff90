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
}
