using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>Which pictures a sampling run makes, and of what.</summary>
public static class SamplePlan
{
    /// <summary>
    /// All pictures of an edit in batches. A batch has one weight blend, since the weights are shared; inside a blend
    /// the order is seed by seed, η rising.
    /// </summary>
    public static IReadOnlyList<ImageKey[]> Batches(EditSettings settings) =>
    [
        .. from blend in settings.Sample.Blends.Distinct()
           let keys = from seed in settings.Sample.Seeds.Distinct()
                      from eta in settings.EtasWithSource()
                      select new ImageKey(seed, new(eta, blend))
           from batch in keys.Chunk(settings.Sample.Batch)
           select batch,
    ];

    /// <summary>
    /// e = η·e_tgt + (1−η)·e_opt for each η, (B, T, d) (paper section 3.2, "text embedding interpolation").
    /// </summary>
    /// <param name="target">e_tgt, (1, T, d).</param>
    /// <param name="optimized">e_opt, (1, T, d).</param>
    /// <param name="etas">B strengths; 0 is the source, 1 the target text.</param>
    public static Tensor Interpolate(Tensor target, Tensor optimized, IReadOnlyList<double> etas)
    {
        using var scope = NewDisposeScope();
        var weights = tensor(etas.Select(eta => (float)eta).ToArray(), [etas.Count, 1, 1], device: target.device);
        return (weights * target).add((One - weights) * optimized, One).MoveToOuterDisposeScope();
    }
}
