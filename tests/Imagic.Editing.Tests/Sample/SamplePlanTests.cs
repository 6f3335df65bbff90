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
        var (target, optimized) = (randn([1, 5, 3]), randn([1, 5, 3]));

        var states = SamplePlan.Interpolate(target, optimized, [0, 1]);

        Assert.Equal(optimized.data<float>().ToArray(), states[0].contiguous().data<float>().ToArray());
        Assert.Equal(target.data<float>().ToArray(), states[1].contiguous().data<float>().ToArray());
    }

    [Fact]
    public void Interpolate_Between_WeighsTheTargetWithEta()
    {
        using var scope = NewDisposeScope();
        var (target, optimized) = (full([1, 2, 1], Held(8f)), full([1, 2, 1], Held(4f)));

        var states = SamplePlan.Interpolate(target, optimized, [0.25, -0.5, 1.5]);

        Assert.Equal([5f, 5f, 2f, 2f, 10f, 10f], states.data<float>().ToArray());
    }
}
