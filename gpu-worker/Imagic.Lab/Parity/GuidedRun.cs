using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Editing.Sample;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>A whole guided denoising run from a recorded starting noise.</summary>
internal static class GuidedRun
{
    /// <summary>The samples after each step, (steps, B, C, h, w).</summary>
    /// <param name="unet">The denoiser.</param>
    /// <param name="scheduler">The denoising schedule.</param>
    /// <param name="noise">Unit-normal x_T, (B, C, h, w).</param>
    /// <param name="states">Text states of each picture, (B, T, d).</param>
    /// <param name="negative">Text states to steer away from, (1, T, d).</param>
    /// <param name="guidance">Guidance scale.</param>
    public static Tensor Latents(
        UNet2DConditionModel unet, IScheduler scheduler, Tensor noise, Tensor states, Tensor negative, double guidance)
    {
        using var denoiser = new GuidedDenoiser(unet, scheduler, states, negative, guidance);
        var sample = noise * scheduler.InitNoiseSigma;
        IReadOnlyList<Tensor> history = [];
        var samples = new List<Tensor>();
        for (var i = 0; i < scheduler.Timesteps.Count; i++)
        {
            (sample, history) = denoiser.Step(i, sample, history);
            samples.Add(sample);
        }

        return stack([.. samples]);
    }
}
