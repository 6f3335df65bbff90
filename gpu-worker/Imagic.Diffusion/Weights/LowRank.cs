using static TorchSharp.torch;

namespace Imagic.Diffusion.Weights;

/// <summary>
/// The place beside a linear layer for a product of low rank, y = W·x + b + B·(A·x) (Hu et al., arXiv 2106.09685, with
/// α/r = 1). Empty until somebody tunes one.
/// </summary>
public sealed class LowRank
{
    /// <summary>A, (r, in).</summary>
    public Tensor? Down { get; set; }

    /// <summary>B, (out, r).</summary>
    public Tensor? Up { get; set; }
}
