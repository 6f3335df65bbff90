using Imagic.Diffusion.Configuration;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// Euler's method on dx/dσ = ε, arXiv 2206.00364 algorithm 2 without churn.
/// diffusers <c>schedulers/scheduling_euler_discrete.py</c>.
/// </summary>
public sealed class EulerScheduler : IScheduler
{
    private static readonly SupportedValues Supported = new(new()
    {
        ["thresholding"] = [false],
        ["interpolation_type"] = ["linear"],
        ["timestep_type"] = ["discrete"],
        ["final_sigmas_type"] = ["zero"],
        ["use_karras_sigmas"] = [false, null],
        ["use_exponential_sigmas"] = [false, null],
        ["use_beta_sigmas"] = [false, null],
    });

    private readonly PredictionType _predictionType;
    private readonly float[] _sigmas;

    /// <summary>A run of <paramref name="steps"/> steps.</summary>
    /// <param name="config">A validated configuration.</param>
    /// <param name="steps">Model evaluations.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too many steps.</exception>
    /// <exception cref="Weights.ModelPackageException">The file asks for a variant that is not supported.</exception>
    public EulerScheduler(SchedulerConfig config, int steps)
    {
        config.Require(Supported);
        _predictionType = config.PredictionType;
        var spacing = config.TimestepSpacing ?? TimestepSpacing.Linspace;
        Timesteps = [.. TimestepTable.Create(spacing, steps, config).Select(t => (float)t)];
        _sigmas = SigmaTable.Create(config, Timesteps);
        // Leading spacing starts below the last timestep, where a sample still has some of the picture's variance.
        InitNoiseSigma = spacing == TimestepSpacing.Leading ? MathF.Sqrt(_sigmas[0] * _sigmas[0] + 1) : _sigmas[0];
    }

    public IReadOnlyList<float> Timesteps { get; }

    /// <summary>Noise level σ at each timestep, and 0 after the last.</summary>
    public IReadOnlyList<float> Sigmas => _sigmas;

    public float InitNoiseSigma { get; }

    public Tensor ScaleModelInput(Tensor sample, int index) => sample * Held(Alpha(index));

    public SchedulerStep Step(
        Tensor modelOutput, int index, Tensor sample, IReadOnlyList<Tensor> history, Tensor? noise = null)
    {
        using var scope = NewDisposeScope();
        var (sigma, alpha) = ((double)_sigmas[index], Alpha(index));
        var epsilon = _predictionType.Noise(modelOutput, sample * Held(alpha), alpha, sigma * alpha);
        return new(sample.add(epsilon * Held(_sigmas[index + 1] - sigma), One).MoveToOuterDisposeScope(), []);
    }

    /// <summary>Takes x₀ + σ·ε to unit variance.</summary>
    private double Alpha(int index) => 1 / Math.Sqrt((double)_sigmas[index] * _sigmas[index] + 1);
}
