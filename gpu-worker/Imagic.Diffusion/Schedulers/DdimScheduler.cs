using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// DDIM, arXiv 2010.02502: deterministic with η 0, ancestral sampling with η 1.
/// diffusers <c>schedulers/scheduling_ddim.py</c>.
/// </summary>
public sealed class DdimScheduler : IScheduler
{
    private readonly SchedulerConfig _config;
    private readonly AlphaTable _alphas;
    private readonly int _stride;
    private readonly double _eta;

    /// <summary>A run of <paramref name="steps"/> steps.</summary>
    /// <param name="config">A validated configuration.</param>
    /// <param name="steps">Model evaluations.</param>
    /// <param name="eta">Share of fresh noise, formula (16): 0 none, 1 as much as DDPM.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too many steps, or η is negative.</exception>
    public DdimScheduler(SchedulerConfig config, int steps, double eta = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(eta);
        _config = config;
        _eta = eta;
        _alphas = new(config, endsInOne: config.SetAlphaToOne ?? true);
        var timesteps = TimestepTable.Create(config.TimestepSpacing ?? TimestepSpacing.Leading, steps, config);
        _stride = config.NumTrainTimesteps / steps;
        Timesteps = [.. timesteps.Select(t => (float)Math.Round(t))];
    }

    public IReadOnlyList<float> Timesteps { get; }

    public float InitNoiseSigma => 1;

    public bool IsStochastic => _eta > 0;

    public Tensor ScaleModelInput(Tensor sample, int index) => sample.alias();

    /// <exception cref="ArgumentNullException">η is above 0 and there is no noise.</exception>
    public SchedulerStep Step(
        Tensor modelOutput, int index, Tensor sample, IReadOnlyList<Tensor> history, Tensor? noise = null)
    {
        var timestep = (int)Timesteps[index];
        var (now, next) = (_alphas[timestep], _alphas[timestep - _stride]);
        var variance = (1 - next) / (1 - now) * (1 - now / next);
        var deviation = _eta * Math.Sqrt(variance);

        using var scope = NewDisposeScope();
        var (alpha, sigma) = (Math.Sqrt(now), Math.Sqrt(1 - now));
        var x0 = _config.PredictionType.Denoised(modelOutput, sample, alpha, sigma);
        x0 = x0.Bounded(_config);
        var epsilon = _config.PredictionType.Noise(modelOutput, sample, alpha, sigma);
        var previous = (x0 * Held(Math.Sqrt(next))).add(epsilon * Held(Math.Sqrt(1 - next - deviation * deviation)), One);
        if (_eta > 0)
        {
            ArgumentNullException.ThrowIfNull(noise);
            previous = previous.add(noise * Held(deviation), One);
        }

        return new(previous.MoveToOuterDisposeScope(), []);
    }
}
