using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>One denoising step with classifier-free guidance (Ho and Salimans, arXiv 2207.12598).</summary>
public static class GuidedDenoiser
{
    /// <summary>Goes from <paramref name="sample"/> at step <paramref name="index"/> to the next one.</summary>
    /// <param name="unet">The denoiser.</param>
    /// <param name="scheduler">The denoising schedule.</param>
    /// <param name="index">Step number, 0-based.</param>
    /// <param name="sample">(B, C, h, w) float32.</param>
    /// <param name="history">What the step before returned.</param>
    /// <param name="states">Text states of each picture, (B, T, d).</param>
    /// <param name="negative">Text states to steer away from, (1, T, d).</param>
    /// <param name="guidance">Scale g in u + g·(c − u); at 1 the negative half is not computed.</param>
    public static SchedulerStep Step(
        UNet2DConditionModel unet, IScheduler scheduler, int index, Tensor sample, IReadOnlyList<Tensor> history,
        Tensor states, Tensor negative, double guidance)
    {
        using var scope = NewDisposeScope();
        var dtype = unet.Parameters.Dtype;
        var guided = guidance != 1;
        var batch = sample.shape[0];
        var input = scheduler.ScaleModelInput(sample, index).to(dtype);
        var context = states.to(dtype);
        if (guided)
        {
            input = cat([input, input]);
            context = cat([negative.to(dtype).expand([batch, .. negative.shape[1..]]), context]);
        }

        var timesteps = full([input.shape[0]], scheduler.Timesteps[index], dtype: ScalarType.Float32, device: sample.device);
        var output = unet.Forward(input, timesteps, context).to(ScalarType.Float32);
        if (guided)
        {
            var unconditional = output.narrow(0, 0, batch);
            output = unconditional + (output.narrow(0, batch, batch) - unconditional) * guidance;
        }

        var step = scheduler.Step(output, index, sample, history);
        foreach (var tensor in step.History) tensor.MoveToOuterDisposeScope();
        return step with { Sample = step.Sample.MoveToOuterDisposeScope() };
    }
}
