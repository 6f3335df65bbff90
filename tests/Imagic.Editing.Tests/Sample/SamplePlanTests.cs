using Imagic.Diffusion.UNet;
using Imagic.Editing.Sample;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests.Sample;

public class SamplePlanTests
{
    [Fact]
    public void Interpolate_ZeroAndOne_AreTheTwoEndsToTheBit()
    {
        using var scope = NewDisposeScope();
        var target = new TextEmbedding(randn([1, 5, 3]), randn([1, 2]));
        var optimized = target.Map(part => randn_like(part));

        var text = SamplePlan.Interpolate(target, optimized, [0, 1]);

        for (var part = 0; part < target.Parts.Length; part++)
        {
            Assert.Equal(Numbers(optimized.Parts[part]), Numbers(text.Parts[part].narrow(0, 0, 1)));
            Assert.Equal(Numbers(target.Parts[part]), Numbers(text.Parts[part].narrow(0, 1, 1)));
        }
    }

    [Fact]
    public void Interpolate_Between_WeighsTheTargetWithEta()
    {
        using var scope = NewDisposeScope();
        var target = new TextEmbedding(full([1, 2, 1], Held(8f)), full([1, 1], Held(8f)));
        var optimized = target.Map(part => part / Held(2));

        var text = SamplePlan.Interpolate(target, optimized, [0.25, -0.5, 1.5]);

        Assert.Equal([5f, 5f, 2f, 2f, 10f, 10f], Numbers(text.States));
        Assert.Equal([5f, 2f, 10f], Numbers(text.Pooled!));
    }

    private static float[] Numbers(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
