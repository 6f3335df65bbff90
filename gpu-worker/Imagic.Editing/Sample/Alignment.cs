using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Editing.Descent;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>
/// How much better a model explains samples with a text than with another: the difference of its denoising losses, as a
/// diffusion classifier compares them (Li et al., arXiv 2303.16203, section 3.2), at few fixed timesteps and one noise.
/// </summary>
/// <param name="unet">With the package's own weights.</param>
/// <param name="schedule">The noise that it was trained with.</param>
/// <param name="conditions">The text, the other one, and what an XL model is told of the size.</param>
/// <param name="seed">Of the noise.</param>
internal sealed class Alignment(UNet2DConditionModel unet, NoiseSchedule schedule, Conditions conditions, long seed)
{
    // Shares of the schedule. Below, the loss is of texture; above, no picture is left.
    private static readonly double[] Levels = [0.4, 0.6, 0.8];

    /// <param name="samples">(B, C, h, w).</param>
    /// <param name="look">Which of the timesteps, 0-based.</param>
    /// <returns>(B) float64; larger where the text says more of the sample.</returns>
    public Tensor Gain(Tensor samples, int look)
    {
        using var scope = NewDisposeScope();
        long[] shape = [1, .. samples.shape[1..]];
        var noise = StepRandom.Noise(seed, "alignment", look, shape, samples.device).expand(samples.shape);
        var timesteps = full([samples.shape[0]], Held((long)(Levels[look] * schedule.AlphasCumprod.Count)), dtype: ScalarType.Int64, device: samples.device);
        var noisy = schedule.AddNoise(samples, noise, timesteps);
        var wanted = schedule.Target(samples, noise, timesteps);
        return (Loss(conditions.Negative) - Loss(conditions.Target)).MoveToOuterDisposeScope();

        Tensor Loss(TextEmbedding text)
        {
            var dtype = unet.Parameters.Dtype;
            var shared = text.Map(part => part.expand([samples.shape[0], .. part.shape[1..]]).to(dtype));
            var said = unet.Forward(noisy.to(dtype), timesteps, shared, conditions.TimeIds);
            // What a model says of the variance, in the second half of its channels, is no part of it.
            return (said.narrow(1, 0, samples.shape[1]).to(ScalarType.Float64) - wanted.to(ScalarType.Float64)).pow(Held(2)).mean([1, 2, 3]);
        }
    }

    /// <summary>
    /// What a sample has reached of the way from the source to the picture that the text alone gives, at the timestep
    /// where that is least: 0 … 1, and a little beyond both.
    /// </summary>
    /// <param name="gains">Of the sample, by timestep.</param>
    /// <param name="source">Of the source.</param>
    /// <param name="reference">Of the picture that the text alone gives.</param>
    public static double Of(double[] gains, double[] source, double[] reference) => Enumerable.Range(0, gains.Length)
        .Where(look => reference[look] > source[look])
        .Select(look => (gains[look] - source[look]) / (reference[look] - source[look]))
        // The source shows as much of the text as the model can: nothing is left to reach.
        .DefaultIfEmpty(1).Min();
}
