using static TorchSharp.torch;

namespace Imagic.Lab.Train.Autoencoder;

/// <summary>What a reconstruction costs: |x−y| and (x−y)², the same for the differences of neighbouring pixels, which keeps
/// edges sharp, and a little of the divergence of the latents from a unit normal distribution.</summary>
static class AutoencoderLoss
{
    const double EdgeWeight = 0.5, DivergenceWeight = 1e-3;

    /// <param name="pictures">(B, 3, H, W) in [−1, 1].</param>
    /// <param name="decoded">Same shape.</param>
    /// <param name="mean">Of the latents, (B, C, h, w).</param>
    /// <param name="logVariance">Of the latents, same shape.</param>
    /// <returns>float32 scalar.</returns>
    public static Tensor Compute(Tensor pictures, Tensor decoded, Tensor mean, Tensor logVariance)
    {
        using var scope = NewDisposeScope();
        var error = decoded - pictures;
        var divergence = (mean.square() + logVariance.exp() - 1 - logVariance).mean() * 0.5;
        var loss = error.abs().mean() + error.square().mean()
            + (Difference(error, 2).abs().mean() + Difference(error, 3).abs().mean()) * EdgeWeight
            + divergence * DivergenceWeight;
        return loss.MoveToOuterDisposeScope();
    }

    static Tensor Difference(Tensor x, int dim) => x.narrow(dim, 1, x.shape[dim] - 1) - x.narrow(dim, 0, x.shape[dim] - 1);
}
