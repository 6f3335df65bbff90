using Imagic.Diffusion.Vae;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>How a picture becomes what a model denoises, and back. Pixels are (B, 3, H, W) in [−1, 1].</summary>
public interface IPictureSpace
{
    /// <summary>Side of a picture per side of what is denoised.</summary>
    int Factor { get; }

    /// <summary>What stands for a picture, (1, C, h, w).</summary>
    /// <param name="pixels">Of batch 1.</param>
    /// <param name="noise">Gives ε of a posterior's sample for its shape; null takes the mean.</param>
    Tensor Encode(Tensor pixels, Func<long[], Tensor>? noise);

    /// <summary>The pictures that samples (B, C, h, w) stand for.</summary>
    Tensor Decode(Tensor samples);
}

/// <summary>Latents of an autoencoder, scaled to about unit variance.</summary>
public sealed class LatentSpace(AutoencoderKL vae) : IPictureSpace
{
    public int Factor => vae.Factor;

    public Tensor Encode(Tensor pixels, Func<long[], Tensor>? noise)
    {
        var (mean, logVariance) = vae.Encode(pixels);
        var latent = noise is null ? mean : mean.add((logVariance * Held(0.5)).exp() * noise(mean.shape), One);
        return latent * Held(vae.Config.ScalingFactor);
    }

    public Tensor Decode(Tensor samples) => vae.Decode(samples / Held(vae.Config.ScalingFactor));
}

/// <summary>The small picture of a cascade: means over squares of pixels.</summary>
/// <param name="factor">Side of the squares.</param>
public sealed class SmallPictureSpace(int factor) : IPictureSpace
{
    public int Factor => factor;

    public Tensor Encode(Tensor pixels, Func<long[], Tensor>? noise) => nn.functional.avg_pool2d(pixels, kernel_size: factor, stride: factor);

    public Tensor Decode(Tensor samples) => samples.alias();
}
