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

    /// <summary>How far samples are from another one, by what is seen of them.</summary>
    /// <param name="samples">(B, C, h, w).</param>
    /// <param name="other">(1, C, h, w), or as many.</param>
    /// <returns>B numbers from 0.</returns>
    double[] Distances(Tensor samples, Tensor other);
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

    public double[] Distances(Tensor samples, Tensor other) => Distance(samples, other);

    /// <summary>√(mean over positions of |â − b̂|²), with â = a/|a| the latent of a position at unit length: LPIPS (Zhang et al.,
    /// arXiv 1801.03924, formula 1) in the autoencoder's own features, whatever their scale. 0 … 2.</summary>
    /// <param name="samples">(B, C, h, w).</param>
    /// <param name="other">(1, C, h, w), or as many.</param>
    public static double[] Distance(Tensor samples, Tensor other)
    {
        using var scope = NewDisposeScope();
        return (Unit(samples) - Unit(other)).pow(Held(2)).sum(1).RootOfMeans();

        static Tensor Unit(Tensor x) => x / (x.pow(Held(2)).sum(1, keepdim: true).sqrt().add(Held(1e-10), One));
    }
}

/// <summary>The small picture of a cascade: means over squares of pixels.</summary>
/// <param name="factor">Side of the squares.</param>
public sealed class SmallPictureSpace(int factor) : IPictureSpace
{
    public int Factor => factor;

    public Tensor Encode(Tensor pixels, Func<long[], Tensor>? noise) => nn.functional.avg_pool2d(pixels, kernel_size: factor, stride: factor);

    public Tensor Decode(Tensor samples) => samples.alias();

    /// <summary>Root mean square of the difference, in shares of the range of pixels: 0 … 1.</summary>
    public double[] Distances(Tensor samples, Tensor other)
    {
        using var scope = NewDisposeScope();
        return (samples - other).div(Held(2)).pow(Held(2)).mean([1]).RootOfMeans();
    }
}

file static class Means
{
    /// <summary>Of (B, h, w), B numbers.</summary>
    public static double[] RootOfMeans(this Tensor squares) => [.. squares.mean([1, 2]).sqrt().to(ScalarType.Float64).cpu().data<double>().ToArray()];
}
