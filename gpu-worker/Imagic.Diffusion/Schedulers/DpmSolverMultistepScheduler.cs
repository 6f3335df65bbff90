using Imagic.Diffusion.Configuration;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// DPM-Solver++ (2M), arXiv 2211.01095 algorithm 2, midpoint. The history is the estimate of the clean sample of the
/// step before. diffusers <c>schedulers/scheduling_dpmsolver_multistep.py</c>.
/// </summary>
public sealed class DpmSolverMultistepScheduler : IScheduler
{
    private static readonly SupportedValues Supported = new(new()
    {
        ["thresholding"] = [false],
        ["algorithm_type"] = ["dpmsolver++"],
        ["solver_order"] = [2],
        ["solver_type"] = ["midpoint"],
        ["final_sigmas_type"] = ["zero"],
        ["lambda_min_clipped"] = ["-inf", null],
        ["use_lu_lambdas"] = [false, null],
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
    public DpmSolverMultistepScheduler(SchedulerConfig config, int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        config.Require(Supported);
        _predictionType = config.PredictionType;
        var spacing = config.TimestepSpacing ?? TimestepSpacing.Linspace;
        // All but trailing spacing ends in timestep 0 or the offset, which the step to σ = 0 replaces.
        var points = spacing == TimestepSpacing.Trailing ? steps : steps + 1;
        Timesteps = [.. TimestepTable.Create(spacing, points, config).Take(steps).Select(t => (float)Math.Round(t))];
        _sigmas = SigmaTable.Create(config, Timesteps);
    }

    public IReadOnlyList<float> Timesteps { get; }

    public float InitNoiseSigma => 1;

    public Tensor ScaleModelInput(Tensor sample, int index) => sample.alias();

    public SchedulerStep Step(
        Tensor modelOutput, int index, Tensor sample, IReadOnlyList<Tensor> history, Tensor? noise = null)
    {
        using var scope = NewDisposeScope();
        var (now, next) = (LevelAt(index), LevelAt(index + 1));
        var x0 = _predictionType.Denoised(modelOutput, sample, now.Alpha, now.Sigma);

        // With σ = 0 next, λ is infinite and only first order is defined; so the last step is of first order always.
        var h = next.Lambda - now.Lambda;
        var direction = x0;
        if (index > 0 && next.Sigma > 0)
        {
            var r = (now.Lambda - LevelAt(index - 1).Lambda) / h;
            direction = x0.add((x0 - history[0]) * Held(0.5 / r), One);
        }

        var previous = sample * Held(next.Sigma / now.Sigma) - direction * Held(next.Alpha * (Math.Exp(-h) - 1));
        return new(previous.MoveToOuterDisposeScope(), [x0.MoveToOuterDisposeScope()]);
    }

    private (double Alpha, double Sigma, double Lambda) LevelAt(int index)
    {
        var sigma = (double)_sigmas[index];
        var alpha = 1 / Math.Sqrt(sigma * sigma + 1);
        return (alpha, sigma * alpha, -Math.Log(sigma));
    }
}
