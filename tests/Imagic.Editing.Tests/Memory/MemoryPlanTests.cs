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
    [InlineData("sdxl", 24)]
    [InlineData("sdxl-lora", 16)]
    public void Choose_ForSdxlWithItsProfiles_FitsTheCard(string profile, int gigabytes)
    {
        using var unet = Declare(SdxlConfig);
        Assert.Equal(2_567_463_684, unet.Parameters.Count);

        var (rung, need) = Choose(unet, EditProfile.All[profile].FineTune, (128, 128), gigabytes);

        Assert.InRange(need.Total, 0, gigabytes * 1_000_000_000L);
        Assert.True(rung.Recompute);
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

    private static UNet2DConditionModel Declare(UNet2DConditionConfig config) => new(config, new ParameterSet(ScalarType.Float32, CPU));
}
