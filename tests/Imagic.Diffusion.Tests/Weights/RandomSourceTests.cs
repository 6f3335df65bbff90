using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests.Weights;

public sealed class RandomSourceTests
{
    [Fact]
    public void Fill_EachInitializer_GivesItsStartValues()
    {
        using var scope = NewDisposeScope();
        using var parameters = Bind(seed: 1, ScalarType.Float32);

        var (weight, gain, bias) = (parameters.Parameters[0].Value, parameters.Parameters[1].Value, parameters.Parameters[2].Value);

        Assert.InRange(weight.pow(Held(2)).mean().sqrt().item<float>() * 8, 0.95f, 1.05f); // 1/√64
        Assert.All(gain.data<float>().ToArray(), value => Assert.Equal(1, value));
        Assert.All(bias.data<float>().ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Fill_SameSeed_GivesTheSameNumbersInEveryElementType()
    {
        using var scope = NewDisposeScope();
        using var single = Bind(seed: 1, ScalarType.Float32);
        using var half = Bind(seed: 1, ScalarType.BFloat16);
        using var other = Bind(seed: 2, ScalarType.Float32);

        Assert.Equal(single.Flat.to(ScalarType.BFloat16).bytes.ToArray(), half.Flat.bytes.ToArray());
        Assert.NotEqual(single.Flat.bytes.ToArray(), other.Flat.bytes.ToArray());
    }

    private static ParameterSet Bind(long seed, ScalarType dtype)
    {
        var parameters = new ParameterSet(dtype, CPU);
        parameters.Root.Weight("weight", 128, 64);
        parameters.Root.Ones("gain", 3);
        parameters.Root.Zeros("bias", 3);
        parameters.Bind(new RandomSource(seed));
        return parameters;
    }
}
