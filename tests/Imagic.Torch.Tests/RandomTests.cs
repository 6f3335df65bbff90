using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

public class RandomTests
{
    /// <summary>torch.manual_seed(0); torch.randn(3) and torch.rand(3) of PyTorch on the CPU.</summary>
    [Fact]
    public void Seed0_GivesPyTorchsNumbers()
    {
        using var scope = NewDisposeScope();

        TensorAssert.Close(tensor([1.5409961f, -0.2934289f, -2.1787894f]), randn(3, generator: new Generator(0)));
        TensorAssert.Close(tensor([0.49625659f, 0.76822180f, 0.08847743f]), rand(3, generator: new Generator(0)));
    }

    [Fact]
    public void ManualSeed_SeedsTheDefaultGenerator()
    {
        using var scope = NewDisposeScope();
        using var generator = manual_seed(5);
        var x = randn(40);

        using var own = new Generator(5);
        TensorAssert.Close(x, randn(40, generator: own));
        Assert.Equal(5, generator.initial_seed());
        Assert.Equal(5, random.initial_seed());
    }

    [Fact]
    public void State_SetBack_RepeatsTheNumbers()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        randn(7, generator: generator);
        var state = generator.get_state();
        var first = randn(5, generator: generator);

        generator.set_state(state);

        TensorAssert.Close(first, randn(5, generator: generator));
        Assert.NotEqual(generator.seed(), generator.seed());
    }

    [Fact]
    public void Generators_AreIndependent()
    {
        using var scope = NewDisposeScope();
        using var one = new Generator(1);
        using var other = new Generator(1);
        randn(9, generator: one);

        one.manual_seed(1);

        TensorAssert.Close(randn(9, generator: other), randn(9, generator: one));
    }

    [Fact]
    public void Distributions_StayInTheirRange()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);

        var integers = randint(2, 6, [1000], generator: generator);
        Assert.Equal((2L, 5L), (integers.min().item<long>(), integers.max().item<long>()));
        TensorAssert.Elements([0L, 1, 2, 3, 4], randperm(5, generator: generator).sort().Values);
        var normals = normal(3, 0.5, [4000], generator: generator);
        Assert.Equal(3, normals.mean().item<float>(), 0.05);
        Assert.Equal(0.5, normals.std().item<float>(), 0.05);
        Assert.InRange(empty(100).uniform_(2, 3, generator).min().item<float>(), 2f, 3f);
        Assert.Equal(1, empty(4000).normal_(1, 0.1, generator).mean().item<float>(), 0.05);
        Assert.Equal(int32, randint(9, [2], int32).dtype);
        Assert.Equal([2L, 2], randn_like(zeros(2, 2)).shape);
        Assert.Equal([2L, 2], rand_like(zeros(2, 2)).shape);
    }

    [Fact]
    public void Generator_AfterDispose_Throws()
    {
        var generator = new Generator(1);
        generator.Dispose();

        Assert.Throws<ObjectDisposedException>(() => randn(2, generator: generator));
    }
}
