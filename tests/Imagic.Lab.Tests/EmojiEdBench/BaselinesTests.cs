using Imagic.Editing;
using Imagic.Editing.Descent;
using Imagic.Lab.EmojiEdBench;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.EmojiEdBench;

public class BaselinesTests
{
    private static readonly long[] Shape = [1, 4, 8, 8];

    [Theory]
    [InlineData(0, 50)]
    [InlineData(0.3, 35)]
    [InlineData(1, 0)]
    public void FirstStep_LeavesOutTheNoisyPartOfTheSchedule(double strength, int first) =>
        Assert.Equal(first, Baselines.FirstStep(strength, 50));

    [Fact]
    public void Sample_AtStrengthZero_GivesTheSourceBack()
    {
        using var scope = NewDisposeScope();
        using var models = TinyBench.LoadModels();
        using var conditions = Encode(models, _ => StepRandom.Noise(3, "source", 0, Shape, CPU));

        var latents = Baselines.Sample(models, conditions, TinyBench.Settings.Sample, [0]);

        Assert.Equal(0, Largest(latents.narrow(0, 0, 1) - conditions.Latents));
    }

    [Fact]
    public void Sample_AtStrengthOneFromWhatNoisesToTheStartingNoise_GivesTextToImage()
    {
        using var scope = NewDisposeScope();
        using var models = TinyBench.LoadModels();
        var first = (int)models.CreateScheduler(Contracts.Settings.SchedulerType.Ddim, TinyBench.Settings.Sample.Steps).Timesteps[0];
        var alpha = (double)models.Schedule.AlphasCumprod[first];
        // √ᾱ·x₀ + √(1−ᾱ)·ε = ε.
        using var conditions = Encode(
            models, noise => noise * Held((1 - Math.Sqrt(1 - alpha)) / Math.Sqrt(alpha)));

        var latents = Baselines.Sample(models, conditions, TinyBench.Settings.Sample, [1]);

        Assert.Equal(0, Largest(latents.narrow(0, 0, 1) - latents.narrow(0, 1, 1)), 1e-3);
        Assert.True(Largest(latents.narrow(0, 0, 1) - conditions.Latents) > 0.1);
    }

    [Fact]
    public void Sample_OfSeveralStrengths_IsWhatEachGivesAlone_AndGoesFurtherWithEach()
    {
        using var scope = NewDisposeScope();
        using var models = TinyBench.LoadModels();
        using var conditions = Encode(models, _ => StepRandom.Noise(3, "source", 0, Shape, CPU));
        double[] strengths = [0.25, 0.5, 1];

        var together = Baselines.Sample(models, conditions, TinyBench.Settings.Sample, strengths);

        foreach (var (row, strength) in strengths.Index())
        {
            var alone = Baselines.Sample(models, conditions, TinyBench.Settings.Sample, [strength]);
            Assert.Equal(0, Largest(together.narrow(0, row, 1) - alone.narrow(0, 0, 1)), 1e-4);
        }
        var distances = strengths.Select((_, row) => Largest(together.narrow(0, row, 1) - conditions.Latents)).ToArray();
        Assert.Equal(distances.Order(), distances);
    }

    /// <param name="latents">The source's, of the noise that sampling starts from.</param>
    private static Conditions Encode(LoadedModels models, Func<Tensor, Tensor> latents)
    {
        using var noise = StepRandom.Noise(TinyBench.Settings.Sample.Seeds[0], "sample", 0, Shape, CPU);
        var (target, negative) = models.EncodeTexts("a cat", "");
        return new()
        {
            Latents = latents(noise).DetachFromDisposeScope(),
            Target = target.Map(part => part.DetachFromDisposeScope()),
            Negative = negative.Map(part => part.DetachFromDisposeScope()),
        };
    }

    private static double Largest(Tensor difference) => difference.abs().max().item<float>();
}
