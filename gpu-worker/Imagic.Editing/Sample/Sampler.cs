using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>
/// The sampling loop with classifier-free guidance (Ho and Salimans, arXiv 2207.12598, algorithm 2) for one batch. All
/// state is in the <see cref="SchedulerStep"/> that goes from step to step, so a run can stop after any of them.
/// </summary>
public sealed class Sampler : IDisposable
{
    private readonly UNet2DConditionModel _unet;
    private readonly IScheduler _scheduler;
    private readonly double _guidance;
    private readonly TextEmbedding _embedding;
    private readonly TextContext _text;
    private readonly Func<int, Tensor>? _noise;
    private readonly (Tensor Picture, Tensor Levels)? _low;

    /// <param name="unet">The denoiser; its weights stay as they are until the last step.</param>
    /// <param name="scheduler">The denoising schedule.</param>
    /// <param name="embedding">e of each picture, states (B, T, d).</param>
    /// <param name="negative">e to steer away from, states (1, T, d).</param>
    /// <param name="guidance">Scale g in u + g·(c − u); at 1 the negative half is not computed.</param>
    /// <param name="timeIds">What an XL model is told of the pictures' size, (1, 6).</param>
    /// <param name="noise">Gives the fresh noise of a step, (B, C, h, w), to schedules that take some.</param>
    /// <param name="low">Super-resolution's noisy small pictures, (B, 3, h, w), and the levels of their noise, (B).</param>
    public Sampler(
        UNet2DConditionModel unet, IScheduler scheduler, TextEmbedding embedding, TextEmbedding negative, double guidance, Tensor? timeIds = null,
        Func<int, Tensor>? noise = null, (Tensor Picture, Tensor Levels)? low = null)
    {
        using var scope = NewDisposeScope();
        (_unet, _scheduler, _guidance, _noise) = (unet, scheduler, guidance, noise);
        if (low is var (picture, levels)) _low = (picture.alias().DetachFromDisposeScope(), levels.alias().DetachFromDisposeScope());
        _embedding = negative.Zip(embedding, (negative, part) =>
            (IsGuided ? cat([negative.expand(part.shape), part]) : part.clone()).to(unet.Parameters.Dtype).DetachFromDisposeScope());
        _text = new(_embedding, timeIds);
    }

    private bool IsGuided => _guidance != 1;

    /// <summary>What sampling starts from, for unit-normal <paramref name="noise"/> (B, C, h, w).</summary>
    public static SchedulerStep Start(IScheduler scheduler, Tensor noise) => new(noise * Held(scheduler.InitNoiseSigma), []);

    /// <summary>Denoises, step after step.</summary>
    /// <param name="x">Where step <paramref name="from"/> starts.</param>
    /// <param name="from">First step, 0-based.</param>
    /// <param name="to">The step before which to stop; the end of the schedule when null.</param>
    /// <param name="onStep">Gets the sample after each step.</param>
    /// <param name="cancellationToken">Gives up between two steps.</param>
    public SchedulerStep Run(
        SchedulerStep x, int from = 0, int? to = null, Action<Tensor>? onStep = null, CancellationToken cancellationToken = default)
    {
        for (var index = from; index < (to ?? _scheduler.Timesteps.Count); index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            x = Step(x, index);
            onStep?.Invoke(x.Sample);
        }

        return x;
    }

    public SchedulerStep Step(SchedulerStep x, int index)
    {
        using var scope = NewDisposeScope();
        var next = _scheduler.Step(Predict(x.Sample, index), index, x.Sample, x.History, _scheduler.IsStochastic ? _noise?.Invoke(index) : null);
        foreach (var tensor in next.History) tensor.MoveToOuterDisposeScope();
        return next with { Sample = next.Sample.MoveToOuterDisposeScope() };
    }

    public void Dispose()
    {
        _text.Dispose();
        _embedding.Dispose();
        _low?.Picture.Dispose();
        _low?.Levels.Dispose();
    }

    // Both halves in one pass through the UNet.
    private Tensor Predict(Tensor sample, int index)
    {
        var input = _scheduler.ScaleModelInput(sample, index);
        if (_low is var (picture, _)) input = cat([input, picture], dim: 1);
        input = Twice(input).to(_unet.Parameters.Dtype);
        var timesteps = full([input.shape[0]], Held(_scheduler.Timesteps[index]), dtype: ScalarType.Float32, device: sample.device);
        var levels = _low is { } low ? Twice(low.Levels) : null;
        var output = _unet.Forward(input, timesteps, _text, levels).to(ScalarType.Float32);
        var channels = sample.shape[1];
        var estimate = output.narrow(1, 0, channels);
        if (IsGuided)
        {
            var halves = estimate.chunk(2);
            estimate = halves[0].add((halves[1] - halves[0]) * Held(_guidance), One);
        }

        if (!_scheduler.ReadsVariance) return estimate;
        var variance = output.narrow(1, channels, channels);
        return cat([estimate, IsGuided ? variance.chunk(2)[1] : variance], dim: 1);
    }

    private Tensor Twice(Tensor tensor) => IsGuided ? cat([tensor, tensor]) : tensor;
}
