using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Editing.Memory;
using Imagic.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests.Memory;

public class MemoryPlanTests
{
    private static readonly MemoryRung[] Ladder = [.. MemoryRung.Ladder];

    // unet/config.json of stable-diffusion-xl-base-1.0 as far as it says a size.
    private static readonly UNet2DConditionConfig SdxlConfig = new(
        [320, 640, 1280], [DownBlockType.DownBlock2D, DownBlockType.CrossAttnDownBlock2D, DownBlockType.CrossAttnDownBlock2D],
        [UpBlockType.CrossAttnUpBlock2D, UpBlockType.CrossAttnUpBlock2D, UpBlockType.UpBlock2D],
        LayersPerBlock: 2, AttentionHeadDim: new PerBlock(5, 10, 20), CrossAttentionDim: 2048, SampleSize: 128,
        TransformerLayersPerBlock: new PerBlock(1, 2, 10), UseLinearProjection: true, AdditionEmbedType: "text_time",
        AdditionTimeEmbedDim: 256, ProjectionClassEmbeddingsInputDim: 2816);

    // unet/config.json of DeepFloyd IF's models as far as it says a size.
    private static readonly Dictionary<string, UNet2DConditionConfig> IFConfigs = new()
    {
        ["I-M"] = StageOne(192),
        ["I-L"] = StageOne(320),
        ["I-XL"] = StageOne(704),
        ["II-M"] = StageTwo([128, 256, 512, 768, 768], new(2, 2, 3, 4, 4)),
        ["II-L"] = StageTwo([160, 320, 640, 960, 1280], new(2, 2, 3, 5, 5)),
    };

    // The table in docs/photographs.md.
    [Theory]
    [InlineData("I-M", 372, 7.0, 6.7, 4.8, 4.5, 2.3, 1.8, 1.5)]
    [InlineData("I-L", 935, 16.3, 15.8, 10.7, 10.3, 4.6, 3.6, 2.8)]
    [InlineData("I-XL", 4305, 71.0, 70.1, 45.3, 44.4, 18.4, 14.0, 9.8)]
    [InlineData("II-M", 535, 12.6, 10.8, 9.4, 7.6, 4.3, 3.6, 3.3)]
    [InlineData("II-L", 1243, 24.9, 22.5, 17.5, 15.1, 7.6, 6.1, 5.1)]
    public void Of_ForDeepFloydIF_IsWhatTheGuideSays(
        string model, int millions, double adamW, double recomputed, double adamW8Bit, double recomputed8Bit, double offloaded, double kv, double lora)
    {
        using var unet = Declare(IFConfigs[model]);
        var side = unet.Config.SampleSize!.Value;
        Assert.Equal(millions, Math.Round(unet.Parameters.Count / 1e6));

        AssertGigabytes(adamW, Tuning.Full, Optimizer.AdamW, Ladder[0]);
        AssertGigabytes(recomputed, Tuning.Full, Optimizer.AdamW, Ladder[1]);
        AssertGigabytes(adamW8Bit, Tuning.Full, Optimizer.AdamW8Bit, Ladder[0]);
        AssertGigabytes(recomputed8Bit, Tuning.Full, Optimizer.AdamW8Bit, Ladder[1]);
        AssertGigabytes(offloaded, Tuning.Full, Optimizer.AdamW, Ladder[2]);
        AssertGigabytes(kv, Tuning.KeysAndValues, Optimizer.AdamW, Ladder[1]);
        AssertGigabytes(lora, Tuning.Lora, Optimizer.AdamW, Ladder[1]);

        void AssertGigabytes(double expected, Tuning tuning, Optimizer optimizer, MemoryRung rung) => Assert.Equal(
            expected,
            MemoryPlan.Of(unet, Settings(tuning, 1) with { Optimizer = optimizer }, (side, side), ScalarType.BFloat16, DeviceType.CUDA, rung).Total / 1e9,
            0.06);
    }

    [Theory]
    [InlineData(Tuning.Full, 14, true)]
    [InlineData(Tuning.Full, 16, false)]
    [InlineData(Tuning.KeysAndValues, 14, false)]
    [InlineData(Tuning.Lora, 4, false)]
    public void Choose_ForStableDiffusion15_FitsTheCard(Tuning tuning, int gigabytes, bool offload)
    {
        using var unet = Declare(UNet2DConditionConfig.Read(Path.Combine(RepositoryFiles.Fixture("sd15-config"), "unet", "config.json")));
        Assert.Equal(859_520_964, unet.Parameters.Count);

        var (rung, need) = Choose(unet, Settings(tuning, batch: 1), (64, 64), gigabytes);

        Assert.InRange(need.Total, 0, gigabytes * 1_000_000_000L);
        Assert.Equal(offload, rung.Offload);
    }

    [Theory]
    [InlineData("sdxl", 24, false)]
    [InlineData("sdxl-lora", 16, true)]
    public void Choose_ForSdxlWithItsProfiles_FitsTheCard(string profile, int gigabytes, bool recompute)
    {
        using var unet = Declare(SdxlConfig);
        Assert.Equal(2_567_463_684, unet.Parameters.Count);

        var (rung, need) = Choose(unet, EditProfile.All[profile].FineTune, (128, 128), gigabytes);

        Assert.InRange(need.Total, 0, gigabytes * 1_000_000_000L);
        Assert.Equal(recompute, rung.Recompute);
    }

    [Fact]
    public void Choose_DoesWhatIsAskedFor_AndTheLeastThatFitsOtherwise()
    {
        static MemoryNeed Need(MemoryRung rung) => new(100, 0, rung.Offload ? 0 : 50, 0, rung.Recompute ? 10 : 80, 0);

        Assert.Equal(Ladder[0], MemoryPlan.Choose(new(), 230, Need));
        Assert.Equal(Ladder[1], MemoryPlan.Choose(new(), 229, Need));
        Assert.Equal(Ladder[2], MemoryPlan.Choose(new(), 110, Need));
        Assert.Equal(Ladder[2], MemoryPlan.Choose(new(), 1, Need));
        Assert.Equal(Ladder[0], MemoryPlan.Choose(new() { Checkpointing = Saving.Off, Offload = Saving.Off }, 1, Need));
        Assert.Equal(new(false, true), MemoryPlan.Choose(new() { Checkpointing = Saving.Off }, 180, Need));
        Assert.Equal(Ladder[2], MemoryPlan.Choose(new() { Checkpointing = Saving.On, Offload = Saving.On }, 1000, Need));
        Assert.Contains("--accumulate", Need(Ladder[2]).TooMuch(Ladder[2], 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_CountsPartsOfABatch()
    {
        using var unet = Declare(SdxlConfig);

        var parts = Of(unet, Settings(Tuning.Lora, 10) with { Accumulate = 5 }, Ladder[1]);

        Assert.Equal(Of(unet, Settings(Tuning.Lora, 2), Ladder[1]), parts);
        Assert.True(parts.Activations * 4 < Of(unet, Settings(Tuning.Lora, 10), Ladder[1]).Activations);
    }

    private static (MemoryRung Rung, MemoryNeed Need) Choose(UNet2DConditionModel unet, FineTuneSettings settings, (int, int) size, int gigabytes)
    {
        MemoryNeed Need(MemoryRung rung) => MemoryPlan.Of(unet, settings, size, ScalarType.BFloat16, DeviceType.CUDA, rung);
        var rung = MemoryPlan.Choose(new(), gigabytes * 1_000_000_000L, Need);
        return (rung, Need(rung));
    }

    private static MemoryNeed Of(UNet2DConditionModel unet, FineTuneSettings settings, MemoryRung rung) =>
        MemoryPlan.Of(unet, settings, (128, 128), ScalarType.BFloat16, DeviceType.CUDA, rung);

    private static FineTuneSettings Settings(Tuning tuning, int batch) =>
        new(1, 1e-4) { Tuning = tuning, Batch = batch, Rank = tuning == Tuning.Lora ? 4 : null };

    private static UNet2DConditionConfig StageOne(int width) => IF([width, 2 * width, 3 * width, 4 * width], attending: 3) with
    {
        LayersPerBlock = 3,
        InChannels = 3,
        SampleSize = 64,
    };

    private static UNet2DConditionConfig StageTwo(int[] channels, PerBlock layers) => IF(channels, attending: 2) with
    {
        LayersPerBlock = layers,
        InChannels = 6,
        SampleSize = 256,
        ClassEmbedType = "timestep",
        TimeEmbeddingDim = channels[^1],
        TimeEmbeddingActFn = "gelu",
        ResnetSkipTimeAct = true,
    };

    private static UNet2DConditionConfig IF(int[] channels, int attending)
    {
        var plain = channels.Length - attending;
        return new(
            channels,
            [.. Enumerable.Repeat(DownBlockType.ResnetDownsampleBlock2D, plain), .. Enumerable.Repeat(DownBlockType.SimpleCrossAttnDownBlock2D, attending)],
            [.. Enumerable.Repeat(UpBlockType.SimpleCrossAttnUpBlock2D, attending), .. Enumerable.Repeat(UpBlockType.ResnetUpsampleBlock2D, plain)],
            LayersPerBlock: 1, AttentionHeadDim: 64, CrossAttentionDim: channels[^1], OutChannels: 6, AdditionEmbedType: "text", ActFn: "gelu",
            MidBlockType: "UNetMidBlock2DSimpleCrossAttn", EncoderHidDim: 4096, CrossAttentionNorm: "group_norm", ResnetTimeScaleShift: "scale_shift");
    }

    private static UNet2DConditionModel Declare(UNet2DConditionConfig config) => new(config, new ParameterSet(ScalarType.Float32, CPU));
}
