using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// How much noise each training timestep has: x_t = √ᾱ_t·x₀ + √(1−ᾱ_t)·ε. The training side of a scheduler; diffusers
/// <c>schedulers/scheduling_ddpm.py</c>.
/// </summary>
public sealed class NoiseSchedule : IDisposable
{
    private readonly Tensor _alphasCumprod;

    /// <summary>The schedule of a model package.</summary>
    /// <param name="config">A validated configuration.</param>
    /// <param name="device">Where samples and timesteps will be.</param>
    public NoiseSchedule(SchedulerConfig config, Device device)
    {
        PredictionType = config.PredictionType;
        var alphasCumprod = ComputeAlphasCumprod(config);
        AlphasCumprod = alphasCumprod;
        _alphasCumprod = tensor(alphasCumprod, device: device).DetachFromDisposeScope();
    }

    /// <summary>ᾱ of each training timestep, the share of the sample in the noisy sample's variance.</summary>
    public IReadOnlyList<float> AlphasCumprod { get; }

    /// <summary>What the model is trained to estimate.</summary>
    public PredictionType PredictionType { get; }

    /// <summary>The noisy sample, (B, C, H, W).</summary>
    /// <param name="x0">Clean sample (B, C, H, W).</param>
    /// <param name="noise">Unit-normal noise (B, C, H, W).</param>
    /// <param name="timesteps">(B), int64.</param>
    public Tensor AddNoise(Tensor x0, Tensor noise, Tensor timesteps)
    {
        using var scope = NewDisposeScope();
        var (alpha, sigma) = Coefficients(timesteps, x0.dtype);
        return alpha.mul(x0).add(sigma.mul(noise), One).MoveToOuterDisposeScope();
    }

    /// <summary>The velocity √ᾱ·ε − √(1−ᾱ)·x₀, (B, C, H, W).</summary>
    /// <inheritdoc cref="AddNoise"/>
    public Tensor Velocity(Tensor x0, Tensor noise, Tensor timesteps)
    {
        using var scope = NewDisposeScope();
        var (alpha, sigma) = Coefficients(timesteps, x0.dtype);
        return alpha.mul(noise).sub(sigma.mul(x0)).MoveToOuterDisposeScope();
    }

    /// <summary>What the model should say about <see cref="AddNoise"/>'s result, (B, C, H, W).</summary>
    /// <inheritdoc cref="AddNoise"/>
    public Tensor Target(Tensor x0, Tensor noise, Tensor timesteps) =>
        PredictionType == PredictionType.Epsilon ? noise.alias() : Velocity(x0, noise, timesteps);

    /// <summary>The clean sample that a model output stands for, (B, C, H, W).</summary>
    /// <param name="modelOutput">What the model said about <paramref name="sample"/>, (B, C, H, W).</param>
    /// <param name="sample">Noisy sample (B, C, H, W).</param>
    /// <param name="timesteps">(B), int64.</param>
    public Tensor PredictOriginal(Tensor modelOutput, Tensor sample, Tensor timesteps)
    {
        using var scope = NewDisposeScope();
        var (alpha, sigma) = Coefficients(timesteps, sample.dtype);
        var original = PredictionType == PredictionType.Epsilon
            ? sample.sub(sigma.mul(modelOutput)).div(alpha)
            : alpha.mul(sample).sub(sigma.mul(modelOutput));
        return original.MoveToOuterDisposeScope();
    }

    public void Dispose() => _alphasCumprod.Dispose();

    /// <summary>
    /// ᾱ of each training timestep, in float32 and by torch's own operations: samplers read it at a few places, where
    /// its last digits are seen.
    /// </summary>
    internal static float[] ComputeAlphasCumprod(SchedulerConfig config)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var alphas = Betas(config).OneMinus();
        return [.. alphas.cumprod(0).data<float>()];
    }

    private static Tensor Betas(SchedulerConfig config)
    {
        var (start, end, count) = (config.BetaStart, config.BetaEnd, config.NumTrainTimesteps);
        var betas = config.TrainedBetas is { } trained ? tensor(trained) : config.BetaSchedule switch
        {
            BetaSchedule.Linear => linspace(start, end, count, ScalarType.Float32),
            BetaSchedule.ScaledLinear => linspace(Math.Sqrt(start), Math.Sqrt(end), count, ScalarType.Float32).pow(Held(2)),
            BetaSchedule.SquaredCosine => tensor(SquaredCosineBetas(count)),
            _ => throw new ArgumentOutOfRangeException(nameof(config), config.BetaSchedule, "is no schedule of β."),
        };
        return config.RescaleBetasZeroSnr ? RescaleZeroSnr(betas) : betas;
    }

    private static float[] SquaredCosineBetas(int count)
    {
        return [.. Enumerable.Range(0, count).Select(i => (float)Math.Min(1 - AlphaBar(i + 1) / AlphaBar(i), 0.999))];

        double AlphaBar(int i) => Math.Pow(Math.Cos(((double)i / count + 0.008) / 1.008 * Math.PI / 2), 2);
    }

    /// <summary>Shifts and stretches √ᾱ so that it ends in 0 and starts where it did.</summary>
    private static Tensor RescaleZeroSnr(Tensor betas)
    {
        var root = betas.OneMinus().cumprod(0).sqrt();
        var (first, last) = (root.narrow(0, 0, 1), root.narrow(0, root.shape[0] - 1, 1));
        var alphasCumprod = ((root - last) * (first / (first - last))).pow(Held(2));
        var before = alphasCumprod.narrow(0, 0, root.shape[0] - 1);
        var after = alphasCumprod.narrow(0, 1, root.shape[0] - 1);
        return cat([alphasCumprod.narrow(0, 0, 1), after / before]).OneMinus();
    }

    /// <summary>√ᾱ and √(1−ᾱ) of each timestep, both (B, 1, 1, 1).</summary>
    private (Tensor Alpha, Tensor Sigma) Coefficients(Tensor timesteps, ScalarType dtype)
    {
        var alphasCumprod = _alphasCumprod.index_select(0, timesteps).view(-1, 1, 1, 1);
        return (alphasCumprod.sqrt().to(dtype), alphasCumprod.OneMinus().sqrt().to(dtype));
    }
}
