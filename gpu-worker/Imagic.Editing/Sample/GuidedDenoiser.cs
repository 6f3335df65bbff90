using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>Denoising steps with classifier-free guidance (Ho and Salimans, arXiv 2207.12598) of one batch of pictures.</summary>
public sealed class GuidedDenoiser : IDisposable
{
    private readonly UNet2DConditionModel _unet;
    private readonly IScheduler _scheduler;
    private readonly double _guidance;
    private readonly Tensor _states;
    private readonly TextContext _text;

    /// <summary>Prepares the steps.</summary>
    /// <param name="unet">The denoiser; its weights stay as they are until the last step.</param>
    /// <param name="scheduler">The denoising schedule.</param>
    /// <param name="states">Text states of each picture, (B, T, d).</param>
    /// <param name="negative">Text states to steer away from, (1, T, d).</param>
    /// <param name="guidance">Scale g in u + g·(c − u); at 1 the negative half is not computed.</param>
    public GuidedDenoiser(UNet2DConditionModel unet, IScheduler scheduler, Tensor states, Tensor negative, double guidance)
    {
        using var scope = NewDisposeScope();
        (_unet, _scheduler, _guidance) = (unet, scheduler, guidance);
        Tensor[] halves = IsGuided ? [negative.expand(states.shape), states] : [states];
        _states = cat(halves).to(unet.Parameters.Dtype).DetachFromDisposeScope();
        _text = new(_states);
    }

    private bool IsGuided => _guidance != 1;

    /// <summary>Goes from <paramref name="sample"/> at step <paramref name="index"/> to the next one.</summary>
    /// <param name="index">Step number, 0-based.</param>
    /// <param name="sample">(B, C, h, w) float32.</param>
    /// <param name="history">What the step before returned.</param>
    public SchedulerStep Step(int index, Tensor sample, IReadOnlyList<Tensor> history)
    {
        using var scope = NewDisposeScope();
        var input = _scheduler.ScaleModelInput(sample, index).to(_unet.Parameters.Dtype);
        if (IsGuided) input = cat([input, input]);
        var timesteps = full([input.shape[0]], _scheduler.Timesteps[index], dtype: ScalarType.Float32, device: sample.device);
        var output = _unet.Forward(input, timesteps, _text).to(ScalarType.Float32);
        if (IsGuided)
        {
            var halves = output.chunk(2);
            output = halves[0] + (halves[1] - halves[0]) * _guidance;
        }

        var step = _scheduler.Step(output, index, sample, history);
        foreach (var tensor in step.History) tensor.MoveToOuterDisposeScope();
        return step with { Sample = step.Sample.MoveToOuterDisposeScope() };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _text.Dispose();
        _states.Dispose();
    }
}
