using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// DDIM backwards: from a clean sample to the noise that <see cref="DdimScheduler"/> makes it of, as far as the model says
/// the same on both ways (arXiv 2010.02502, section 4.3). diffusers <c>schedulers/scheduling_ddim_inverse.py</c>.
/// </summary>
public sealed class DdimInverseScheduler : IScheduler
{
    private readonly SchedulerConfig _config;
    private readonly AlphaTable _alphas;
    private readonly int _stride;

    /// <summary>A run of <paramref name="steps"/> steps.</summary>
    /// <param name="config">A validated configuration.</param>
    /// <param name="steps">Model evaluations.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too many steps.</exception>
    public DdimInverseScheduler(SchedulerConfig config, int steps)
    {
        _config = config;
        _alphas = new(config, endsInOne: config.SetAlphaToOne ?? true);
        _stride = config.NumTrainTimesteps / steps;
        Timesteps = [.. new DdimScheduler(config, steps).Timesteps.Reverse()];
    }

    /// <summary>Rising: each is where its step arrives, and where the model is asked.</summary>
    public IReadOnlyList<float> Timesteps { get; }

    public float InitNoiseSigma => 1;

    public Tensor ScaleModelInput(Tensor sample, int index) => sample.alias();

    public SchedulerStep Step(
        Tensor modelOutput, int index, Tensor sample, IReadOnlyList<Tensor> history, Tensor? noise = null)
    {
        var timestep = (int)Timesteps[index];
        var (now, next) = (_alphas[timestep - _stride], _alphas[timestep]);
        using var scope = NewDisposeScope();
        var (alpha, sigma) = (Math.Sqrt(now), Math.Sqrt(1 - now));
        var x0 = _config.PredictionType.Denoised(modelOutput, sample, alpha, sigma).Bounded(_config);
        var epsilon = _config.PredictionType.Noise(modelOutput, sample, alpha, sigma);
        return new((x0 * Held(Math.Sqrt(next))).add(epsilon * Held(Math.Sqrt(1 - next)), One).MoveToOuterDisposeScope(), []);
    }
}
