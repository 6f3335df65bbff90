using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>ᾱ by timestep, also beyond the last step of a run, where the timestep is negative.</summary>
/// <param name="config">A validated configuration.</param>
/// <param name="endsInOne">Whether ᾱ is 1 there, no noise at all, or that of timestep 0.</param>
internal sealed class AlphaTable(SchedulerConfig config, bool endsInOne)
{
    private readonly float[] _alphasCumprod = NoiseSchedule.ComputeAlphasCumprod(config);

    public double this[int timestep] => timestep >= 0 ? _alphasCumprod[timestep] : endsInOne ? 1 : _alphasCumprod[0];
}

/// <summary>
/// Noise levels σ = √((1−ᾱ)/ᾱ) of the schedulers that see x as x₀ + σ·ε (arXiv 2206.00364).
/// </summary>
internal static class SigmaTable
{
    /// <summary>σ at each of <paramref name="timesteps"/>, linear between whole ones, and 0 at the end.</summary>
    public static float[] Create(SchedulerConfig config, IReadOnlyList<float> timesteps)
    {
        var alphasCumprod = NoiseSchedule.ComputeAlphasCumprod(config);
        if (config.RescaleBetasZeroSnr) alphasCumprod[^1] = MathF.ScaleB(1, -24); // as diffusers: σ stays finite
        var sigmas = Array.ConvertAll(alphasCumprod, alpha => MathF.Sqrt((1 - alpha) / alpha));
        return [.. timesteps.Select(At), 0];

        float At(float timestep)
        {
            var below = (int)timestep;
            if (below == timestep) return sigmas[below];
            return (float)(((double)sigmas[below + 1] - sigmas[below]) * ((double)timestep - below) + sigmas[below]);
        }
    }
}

/// <summary>Which training timesteps a run visits, first to last, falling.</summary>
internal static class TimestepTable
{
    /// <summary>Fractional timesteps where linspace does not meet whole ones.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The schedule has no room for so many steps.</exception>
    public static double[] Create(TimestepSpacing spacing, int steps, SchedulerConfig config)
    {
        var train = config.NumTrainTimesteps;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, train);
        double[] timesteps = spacing switch
        {
            TimestepSpacing.Linspace => Linspace(train - 1, steps),
            TimestepSpacing.Leading => [.. Falling(steps).Select(i => i * (train / steps) + config.StepsOffset)],
            TimestepSpacing.Trailing =>
                [.. Falling(steps).Select(i => Math.Round((i + 1) * ((double)train / steps)) - 1)],
            _ => throw new ArgumentOutOfRangeException(nameof(spacing), spacing, "is no spacing of timesteps."),
        };
        if (timesteps[0] < train) return timesteps;
        throw new ArgumentOutOfRangeException(
            nameof(steps), steps, $"would start at timestep {timesteps[0]} of {train}; take fewer steps.");
    }

    private static IEnumerable<int> Falling(int count) => Enumerable.Range(0, count).Reverse();

    /// <summary>From <paramref name="last"/> down to 0.</summary>
    private static double[] Linspace(int last, int steps)
    {
        if (steps == 1) return [0];
        var distance = last / (steps - 1.0);
        double[] timesteps = [.. Falling(steps).Select(i => i * distance)];
        timesteps[0] = last;
        return timesteps;
    }
}

/// <summary>What keeps an estimate of the clean sample within the values that samples have.</summary>
internal static class Bounds
{
    /// <summary>
    /// Each sample divided by the bound that holds most of its values, or clamped, or as it is; as the configuration says.
    /// </summary>
    /// <param name="x0">(B, C, H, W).</param>
    public static Tensor Bounded(this Tensor x0, SchedulerConfig config)
    {
        if (config.Thresholding)
        {
            var flat = x0.flatten(1).to(ScalarType.Float32);
            var ratio = tensor((float)config.DynamicThresholdingRatio, device: x0.device);
            var bound = quantile(flat.abs(), ratio, dim: 1, keepdim: true).clamp(One, Held(config.SampleMaxValue));
            return flat.clamp(-bound, bound).div(bound).view(x0.shape).to(x0.dtype);
        }

        return config.ClipSample ? x0.clamp(Held(-config.ClipSampleRange), Held(config.ClipSampleRange)) : x0;
    }
}

/// <summary>
/// What a model's output says about x = α·x₀ + σ·ε with α² + σ² = 1. All tensors (B, C, H, W).
/// </summary>
internal static class Prediction
{
    /// <summary>The clean sample x₀.</summary>
    public static Tensor Denoised(this PredictionType type, Tensor output, Tensor x, double alpha, double sigma) =>
        type == PredictionType.Epsilon ? (x - output * Held(sigma)) / Held(alpha) : x * Held(alpha) - output * Held(sigma);

    /// <summary>The noise ε.</summary>
    public static Tensor Noise(this PredictionType type, Tensor output, Tensor x, double alpha, double sigma) =>
        type == PredictionType.Epsilon ? output.alias() : (output * Held(alpha)).add(x * Held(sigma), One);
}
