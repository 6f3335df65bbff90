using System.Text.Json.Nodes;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Tests.UNet;

public sealed class UNet2DConditionConfigTests
{
    /// <summary>The keys that every file has; the tests add to them.</summary>
    private static readonly JsonObject StableDiffusion1 = JsonNode.Parse("""
        {
          "block_out_channels": [320, 640, 1280, 1280], "layers_per_block": 2, "attention_head_dim": 8,
          "cross_attention_dim": 768,
          "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
          "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]
        }
        """)!.AsObject();

    [Fact]
    public void Read_OnlyWhatEveryFileHas_HasTheDefaultsOfDiffusers()
    {
        var config = Read("{}");

        Assert.Equal([320, 640, 1280, 1280], config.BlockOutChannels);
        Assert.Equal(DownBlockType.DownBlock2D, config.DownBlockTypes[3]);
        Assert.Equal(UpBlockType.UpBlock2D, config.UpBlockTypes[0]);
        Assert.Equal((2, 1), (config.LayersPerBlock[0], config.TransformerLayersPerBlock[3]));
        Assert.Equal((8, 8), (config.Heads[0], config.Heads[3]));
        Assert.Equal((4, 4, 768), (config.InChannels, config.OutChannels, config.CrossAttentionDim));
        Assert.Equal((32, 1), (config.NormNumGroups, config.DownsamplePadding));
        Assert.Equal((true, 0.0, 1e-5), (config.FlipSinToCos, config.FreqShift, config.NormEps));
        Assert.False(config.UseLinearProjection || config.UpcastAttention);
    }

    [Fact]
    public void Read_NumbersPerLevel_AreReadAsSuch()
    {
        var config = Read("""
            {
              "attention_head_dim": [5, 10, 20, 20], "layers_per_block": [1, 2, 3, 4], "transformer_layers_per_block": 2,
              "num_attention_heads": null
            }
            """);

        Assert.Equal([5, 10, 20, 20], Enumerable.Range(0, 4).Select(level => config.Heads[level]));
        Assert.Equal([1, 2, 3, 4], Enumerable.Range(0, 4).Select(level => config.LayersPerBlock[level]));
        Assert.Equal([2, 2, 2, 2], Enumerable.Range(0, 4).Select(level => config.TransformerLayersPerBlock[level]));
    }

    [Fact]
    public void Heads_NumAttentionHeadsGiven_IsThat() =>
        Assert.Equal(10, Read("""{ "attention_head_dim": 64, "num_attention_heads": 10 }""").Heads[0]);

    [Theory]
    [InlineData("""{ "act_fn": "mish" }""", "act_fn is \"mish\"; supported is \"silu\" or \"swish\" or \"gelu\".")]
    [InlineData("""{ "addition_embed_type": "image" }""", "addition_embed_type is \"image\"; supported is \"text_time\" or \"text\".")]
    [InlineData("""{ "class_embed_type": "projection" }""", "class_embed_type is \"projection\"; supported is \"timestep\".")]
    [InlineData("""{ "only_cross_attention": [true, true, true, false] }""", "only_cross_attention is [true,true,true,false]; supported is false.")]
    [InlineData("""{ "down_block_types": ["AttnDownBlock2D"] }""", "down_block_types is [\"AttnDownBlock2D\"]; supported is \"CrossAttnDownBlock2D\" or \"DownBlock2D\" or \"SimpleCrossAttnDownBlock2D\" or \"ResnetDownsampleBlock2D\".")]
    [InlineData("""{ "mid_block_type": null }""", "mid_block_type is null; supported is \"UNetMidBlock2DCrossAttn\" or \"UNetMidBlock2DSimpleCrossAttn\".")]
    [InlineData("""{ "conv_in_kernel": 1 }""", "conv_in_kernel is 1; supported is 3.")]
    [InlineData("""{ "dropout": 0.1 }""", "dropout is 0.1; supported is 0.")]
    [InlineData("""{ "down_block_types": ["DownBlock2D"] }""", "down_block_types has 1 entries, expected 4")]
    [InlineData("""{ "attention_head_dim": [5, 10] }""", "attention_head_dim is [5, 10], expected one number or 4.")]
    [InlineData("""{ "attention_head_dim": 7 }""", "block_out_channels has 320, no multiple of its 7 attention heads.")]
    [InlineData("""{ "layers_per_block": 0 }""", "layers_per_block is 0, expected numbers from 1 to 16.")]
    [InlineData("""{ "norm_num_groups": 33 }""", "block_out_channels has 320, no multiple of norm_num_groups, 33.")]
    [InlineData("""{ "downsample_padding": 2 }""", "downsample_padding is 2, expected 0 or 1.")]
    [InlineData("""{ "cross_attention_dim": [1024, 1024, 768, 1024] }""", "$.cross_attention_dim")]
    [InlineData("""{ "attention_head_dim": "8" }""", "$.attention_head_dim")]
    public void Read_UnsupportedValue_NamesFileKeyAndValue(string json, string problem)
    {
        var error = Assert.Throws<ModelPackageException>(() => Read(json));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("config.json", error.File, StringComparison.Ordinal);
    }

    // As IF-II-L's.
    [Fact]
    public void Read_LevelWithoutAttention_NeedNotBeDividedIntoHeads() => Assert.Equal(160, Read("""
        {
            "block_out_channels": [160, 320, 640, 1280], "attention_head_dim": 64,
            "down_block_types": ["ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D", "SimpleCrossAttnDownBlock2D", "SimpleCrossAttnDownBlock2D"],
            "up_block_types": ["SimpleCrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D", "SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"]
        }
        """).BlockOutChannels[0]);

    [Fact]
    public void Read_OnlySupportedValuesInAList_IsFine() =>
        Assert.Equal(4, Read("""{ "only_cross_attention": [false, false, false, false], "dropout": 0.0 }""").Levels);

    [Theory]
    [InlineData("block_out_channels")]
    [InlineData("attention_head_dim")]
    [InlineData("up_block_types")]
    public void Read_KeyThatEveryFileHasIsMissing_NamesIt(string key)
    {
        using var folder = new TemporaryFolder();
        var json = StableDiffusion1.DeepClone().AsObject();
        json.Remove(key);
        File.WriteAllText(folder.Path("config.json"), json.ToJsonString());

        var error = Assert.Throws<ModelPackageException>(() => UNet2DConditionConfig.Read(folder.Path("config.json")));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    private static UNet2DConditionConfig Read(string additions)
    {
        using var folder = new TemporaryFolder();
        var json = StableDiffusion1.DeepClone().AsObject();
        foreach (var (key, value) in JsonNode.Parse(additions)!.AsObject()) json[key] = value?.DeepClone();
        File.WriteAllText(folder.Path("config.json"), json.ToJsonString());
        return UNet2DConditionConfig.Read(folder.Path("config.json"));
    }
}
