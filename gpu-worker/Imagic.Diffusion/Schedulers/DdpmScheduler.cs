using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// DDPM, arXiv 2006.11239, with the variance that improved DDPM learns (arXiv 2102.09672, equation 15). β and β̃ are those
/// between the steps that are taken, not those of the training schedule. diffusers <c>schedulers/scheduling_ddpm.py</c>.
/// </summary>
public sealed class DdpmScheduler : IScheduler
{
    private const double SmallestVariance = 1e-20;

    private readonly SchedulerConfig _config;
    private readonly AlphaTable _alphas;

    /// <summary>A run of <paramref name="steps"/> steps.</summary>
    /// <param name="config">A validated configuration.</param>
    /// <param name="steps">Model evaluations.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too many steps.</exception>
    public DdpmScheduler(SchedulerConfig config, int steps)
        : this(config, TimestepTable.Create(config.TimestepSpacing ?? TimestepSpacing.Leading, steps, config).Select(t => (float)Math.Round(t)))
    {
    }

    /// <summary>A run at chosen training timesteps, falling.</summary>
    public DdpmScheduler(SchedulerConfig config, IEnumerable<float> timesteps)
    {
        (_config, Timesteps) = (config, [.. timesteps]);
        _alphas = new(config, endsInOne: true);
    }

    public IReadOnlyList<float> Timesteps { get; }

    public float InitNoiseSigma => 1;

    public bool IsStochastic => true;

    public bool ReadsVariance => _config.VarianceType == VarianceType.LearnedRange;

    public Tensor ScaleModelInput(Tensor sample, int index) => sample.alias();

    /// <exception cref="ArgumentNullException">There is no noise, before the last step.</exception>
    public SchedulerStep Step(Tensor modelOutput, int index, Tensor sample, IReadOnlyList<Tensor> history, Tensor? noise = null)
    {
        using var scope = NewDisposeScope();
        var channels = sample.shape[1];
        var isLast = index + 1 == Timesteps.Count;
        var (now, next) = (_alphas[(int)Timesteps[index]], isLast ? 1 : _alphas[(int)Timesteps[index + 1]]);
        var beta = 1 - (now / next);
        var output = ReadsVariance ? modelOutput.narrow(1, 0, channels) : modelOutput;
        var x0 = Denoised(output, sample, now);
        // The posterior's mean, equation 7 of DDPM.
        var mean = (x0 * Held(Math.Sqrt(next) * beta / (1 - now)))
            .add(sample * Held(Math.Sqrt(now / next) * (1 - next) / (1 - now)), One);
        if (Timesteps[index] <= 0) return new(mean.MoveToOuterDisposeScope(), []);

        ArgumentNullException.ThrowIfNull(noise);
        var small = Math.Max((1 - next) / (1 - now) * beta, SmallestVariance);
        var deviation = ReadsVariance
            ? noise * Deviation(modelOutput.narrow(1, channels, channels), Math.Log(small), Math.Log(beta))
            : noise * Held(Math.Sqrt(_config.VarianceType == VarianceType.FixedLarge ? beta : small));
        return new(mean.add(deviation, One).MoveToOuterDisposeScope(), []);
    }

    /// <summary>The clean sample that step <paramref name="index"/> estimates, within bounds, (B, C, H, W).</summary>
    /// <inheritdoc cref="Step"/>
    public Tensor EstimateOriginal(Tensor modelOutput, int index, Tensor sample) =>
        Denoised(modelOutput.narrow(1, 0, sample.shape[1]), sample, _alphas[(int)Timesteps[index]]);

    private Tensor Denoised(Tensor output, Tensor sample, double alpha) =>
        _config.PredictionType.Denoised(output, sample, Math.Sqrt(alpha), Math.Sqrt(1 - alpha)).Bounded(_config);

    // From −1, the smaller logarithm of the variance, to 1, the larger.
    private static Tensor Deviation(Tensor learned, double smallest, double largest)
    {
        var share = learned.add(One, One) / Held(2);
        return (share * Held(largest)).add(share.OneMinus() * Held(smallest), One).mul(Held(0.5)).exp();
    }
}
