using Imagic.Diffusion.Vae;
using Imagic.Lab.DataSet;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Autoencoder;

/// <summary>Measures of a trained autoencoder.</summary>
public static class Reconstruction
{
    private const int Batch = 128, MostForScale = 8192;

    /// <summary>Mean over pictures of 10·log₁₀(255²/MSE) after rounding to 8 bits, dB, of the drawings that were held out, each
    /// on white and on a colour; of the training drawings where none are.</summary>
    public static double Psnr(AutoencoderKL vae, DeviceDrawings drawings)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(drawings);
        var first = drawings.TrainingCount < drawings.Count ? drawings.TrainingCount : 0;
        var values = new List<float>();
        foreach (var pictures in Batches(drawings, first, drawings.Count))
        {
            using (pictures)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                var decoded = vae.Decode(vae.Encode(pictures.to(vae.Parameters.Dtype)).Mean).to(ScalarType.Float32);
                var mse = (ToBytes(decoded) - ToBytes(pictures)).pow(Held(2)).mean([1, 2, 3]);
                values.AddRange(mse.clamp_(min: Held(1e-3)).reciprocal().mul_(Held(255.0 * 255.0)).log10().mul_(Held(10)).cpu().data<float>().ToArray());
            }
        }
        return values.Average();
    }

    /// <summary>What latents are multiplied by to have unit variance: one over the standard deviation of posterior means over
    /// training pictures.</summary>
    public static double ScalingFactor(AutoencoderKL vae, DeviceDrawings drawings)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(drawings);
        double sum = 0, squares = 0;
        long count = 0;
        // Drawings are sorted by style: every n-th, so that all styles count.
        var stride = Math.Max(1, 2 * drawings.TrainingCount / MostForScale);
        foreach (var pictures in Batches(drawings, 0, drawings.TrainingCount, stride))
        {
            using (pictures)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                var mean = vae.Encode(pictures.to(vae.Parameters.Dtype)).Mean.to(ScalarType.Float64);
                sum += mean.sum().item<double>();
                squares += mean.pow(Held(2)).sum().item<double>();
                count += mean.numel();
            }
        }
        return 1 / Math.Sqrt(squares / count - sum / count * (sum / count));
    }

    private static Tensor ToBytes(Tensor pictures) => pictures.mul(Held(127.5)).add_(Held(127.5), One).clamp_(Held(0), Held(255)).round_();

    private static IEnumerable<Tensor> Batches(DeviceDrawings drawings, int first, int end, int stride = 1)
    {
        var colour = Background.Colours[0];
        for (var start = first; start < end; start += Batch * stride)
        {
            long[] indices = [.. Enumerable.Range(0, Batch).Select(i => (long)start + i * stride).Where(index => index < end)];
            foreach (var background in (Background[])[Background.White, colour])
            {
                using var scope = NewDisposeScope();
                var colours = drawings.Colours(Enumerable.Repeat(background, indices.Length));
                yield return drawings.Compose(tensor(indices, dtype: ScalarType.Int64).to(drawings.Device), colours).DetachFromDisposeScope();
            }
        }
    }
}
