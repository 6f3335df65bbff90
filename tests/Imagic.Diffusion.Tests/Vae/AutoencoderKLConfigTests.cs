using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Tests.Vae;

public sealed class AutoencoderKLConfigTests
{
    [Fact]
    public void Read_OnlyTheLevels_HasTheDefaultsOfDiffusers()
    {
        var config = Read("""{ "block_out_channels": [64] }""");

        Assert.Equal(0.18215, config.ScalingFactor);
        Assert.Equal([64], config.BlockOutChannels);
        Assert.Equal((3, 3, 4), (config.InChannels, config.OutChannels, config.LatentChannels));
        Assert.Equal((1, 32), (config.LayersPerBlock, config.NormNumGroups));
        Assert.True(config.UseQuantConv && config.UsePostQuantConv && config.MidBlockAddAttention);
    }

    [Theory]
    [InlineData("""{ "act_fn": "gelu" }""", "act_fn is \"gelu\"; supported is \"silu\" or \"swish\".")]
    [InlineData("""{ "shift_factor": 0.1159 }""", "shift_factor is 0.1159; supported is null.")]
    [InlineData("""{ "down_block_types": ["AttnDownEncoderBlock2D"] }""", "down_block_types is [\"AttnDownEncoderBlock2D\"]; supported is \"DownEncoderBlock2D\".")]
    [InlineData("""{ "block_out_channels": [32, 40] }""", "block_out_channels has 40, no multiple of norm_num_groups, 32.")]
    [InlineData("""{ "block_out_channels": [] }""", "block_out_channels has 0 levels, expected 1 to 8")]
    [InlineData("""{ "block_out_channels": null }""", "block_out_channels")]
    [InlineData("{}", "block_out_channels")]
    [InlineData("""{ "block_out_channels": [64], "layers_per_block": 0 }""", "layers_per_block is 0, expected 1 to 16.")]
    public void Read_UnsupportedValue_NamesFileKeyAndValue(string json, string problem)
    {
        var error = Assert.Throws<ModelPackageException>(() => Read(json));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("config.json", error.File, StringComparison.Ordinal);
    }

    private static AutoencoderKLConfig Read(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("config.json"), json);
        return AutoencoderKLConfig.Read(folder.Path("config.json"));
    }
}
