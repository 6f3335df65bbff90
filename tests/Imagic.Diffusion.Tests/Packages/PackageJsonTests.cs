using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Tests.Packages;

public sealed class PackageJsonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.Path("config.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_ConfigWithNoKeys_HasTheDefaultsOfTheOriginal()
    {
        Write("{}");

        Assert.Equal(new ClipTextConfig(), ClipTextConfig.Read(File));
    }

    [Fact]
    public void Read_GivenKeys_WinOverDefaultsAndUnknownOnesAreIgnored()
    {
        Write("""{ "hidden_size": 64, "_name_or_path": "x", "bos_token_id": 2 }""");

        Assert.Equal(new ClipTextConfig { HiddenSize = 64 }, ClipTextConfig.Read(File));
    }

    [Theory]
    [InlineData("null", "it is null")]
    [InlineData("[]", "not the JSON that was expected")]
    [InlineData("{", "not the JSON that was expected")]
    [InlineData("""{ "vocab_size": 1, "vocab_size": 2 }""", "vocab_size")]
    [InlineData("""{ "hidden_size": "wide" }""", "the value at $.hidden_size is of another kind")]
    [InlineData("""{ "hidden_size": 1e99 }""", "the value at $.hidden_size is of another kind")]
    public void Read_OtherJson_NamesTheFileAndTheValue(string json, string problem)
    {
        Write(json);

        var error = Assert.Throws<ModelPackageException>(() => PackageJson.Read(File, DiffusionJson.Default.ClipTextConfig));

        Assert.StartsWith(File, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadConfig_NullValues_AreAbsentOnes()
    {
        Write("""{ "hidden_size": 64, "vocab_size": null, "hidden_act": null, "layer_norm_eps": null }""");

        Assert.Equal(new ClipTextConfig { HiddenSize = 64 }, ClipTextConfig.Read(File));
    }

    private void Write(string json) => System.IO.File.WriteAllText(File, json);
}
