using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests.Descent;

public class StepRandomTests
{
    [Fact]
    public void Training_OfTheSameStep_DrawsTheSame()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (Draws(1, "optimize")(5), Draws(1, "optimize")(5));

        Assert.Equal(first.Noise.data<float>().ToArray(), second.Noise.data<float>().ToArray());
        Assert.Equal(first.Timesteps.data<long>().ToArray(), second.Timesteps.data<long>().ToArray());
    }

    [Theory]
    [InlineData(2, "optimize", 5)]
    [InlineData(1, "finetune", 5)]
    [InlineData(1, "optimize", 6)]
    public void Training_OfAnotherSeedStageOrStep_DrawsAnother(long seed, string stage, int step)
    {
        using var scope = NewDisposeScope();
        var (first, other) = (Draws(1, "optimize")(5), Draws(seed, stage)(step));

        Assert.NotEqual(first.Noise.data<float>().ToArray(), other.Noise.data<float>().ToArray());
    }

    [Fact]
    public void Training_OverManySteps_IsUniformInTimeAndNormalInNoise()
    {
        using var scope = NewDisposeScope();
        var draws = StepRandom.Training(3, "optimize", 500, [4, 8, 8], 1000, CPU)(0);

        var timesteps = draws.Timesteps.data<long>().ToArray();
        Assert.InRange(timesteps.Min(), 0, 20);
        Assert.InRange(timesteps.Max(), 980, 999);
        Assert.InRange(timesteps.Average(), 450, 550);
        var noise = draws.Noise.data<float>().ToArray();
        var mean = noise.Average();
        Assert.InRange(mean, -0.01f, 0.01f);
        Assert.InRange(Math.Sqrt(noise.Average(x => (x - mean) * (x - mean))), 0.99, 1.01);
    }

    private static DrawForStep Draws(long seed, string stage) => StepRandom.Training(seed, stage, 2, [4, 3, 3], 1000, CPU);
}
