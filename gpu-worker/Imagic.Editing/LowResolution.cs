using Imagic.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>
/// What super-resolution makes large: the small picture, enlarged by interpolation and made noisy, so that what is wrong in a
/// generated one does no harm (noise conditioning augmentation, arXiv 2106.15282, section 4.2).
/// </summary>
/// <param name="Upscaled">(B, 3, H, W) in [−1, 1].</param>
/// <param name="Schedule">The noise by its level.</param>
public sealed record LowResolution(Tensor Upscaled, NoiseSchedule Schedule) : IDisposable
{
    /// <summary>From pictures of the base, (B, 3, h, w).</summary>
    public static LowResolution From(Tensor small, int factor, NoiseSchedule schedule) => new(
        nn.functional.interpolate(
            small, size: [small.shape[2] * factor, small.shape[3] * factor], mode: InterpolationMode.Bilinear, align_corners: true),
        schedule);

    /// <param name="noise">(B, 3, H, W); more than the pictures have them repeated.</param>
    /// <param name="levels">Timesteps of the schedule, int64 (B).</param>
    public Tensor Noised(Tensor noise, Tensor levels) => Schedule.AddNoise(Upscaled.expand(noise.shape), noise, levels);

    public void Dispose() => Upscaled.Dispose();
}
