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

    /// <param name="unet">The denoiser; its weights stay as they are until the last step.</param>
    /// <param name="scheduler">The denoising schedule.</param>
    /// <param name="embedding">e of each picture, states (B, T, d).</param>
    /// <param name="negative">e to steer away from, states (1, T, d).</param>
    /// <param name="guidance">Scale g in u + g·(c − u); at 1 the negative half is not computed.</param>
    /// <param name="timeIds">What an XL model is told of the pictures' size, (1, 6).</param>
    public Sampler(
        UNet2DConditionModel unet, IScheduler scheduler, TextEmbedding embedding, TextEmbedding negative, double guidance, Tensor? timeIds = null)
    {
        using var scope = NewDisposeScope();
        (_unet, _scheduler, _guidance) = (unet, scheduler, guidance);
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
        var next = _scheduler.Step(Predict(x.Sample, index), index, x.Sample, x.History);
        foreach (var tensor in next.History) tensor.MoveToOuterDisposeScope();
        return next with { Sample = next.Sample.MoveToOuterDisposeScope() };
    }

    public void Dispose()
    {
        _text.Dispose();
        _embedding.Dispose();
    }

    // Both halves in one pass through the UNet.
    private Tensor Predict(Tensor sample, int index)
    {
        var input = _scheduler.ScaleModelInput(sample, index).to(_unet.Parameters.Dtype);
        if (IsGuided) input = cat([input, input]);
        var timesteps = full([input.shape[0]], Held(_scheduler.Timesteps[index]), dtype: ScalarType.Float32, device: sample.device);
        var output = _unet.Forward(input, timesteps, _text).to(ScalarType.Float32);
        if (!IsGuided) return output;
        var halves = output.chunk(2);
        return halves[0].add((halves[1] - halves[0]) * Held(_guidance), One);
    }
}
