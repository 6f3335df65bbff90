using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>
/// Between the source's embedding and the target text's (paper section 3.2, "text embedding interpolation").
/// </summary>
public static class Interpolation
{
    /// <summary>e = η·e_tgt + (1−η)·e_opt for each η, (B, T, d).</summary>
    /// <param name="target">e_tgt, (1, T, d).</param>
    /// <param name="optimized">e_opt, (1, T, d).</param>
    /// <param name="etas">B strengths; 0 is the source, 1 the target text.</param>
    public static Tensor Of(Tensor target, Tensor optimized, IReadOnlyList<double> etas)
    {
        using var scope = NewDisposeScope();
        var weights = tensor(etas.Select(eta => (float)eta).ToArray(), [etas.Count, 1, 1], device: target.device);
        return (weights * target + (1 - weights) * optimized).MoveToOuterDisposeScope();
    }
}
