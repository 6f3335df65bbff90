using Imagic.Diffusion.UNet;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>What is computed of a batch.</summary>
internal enum SampleKind
{
    /// <summary>Pictures, in all steps; a cascade's in both sizes.</summary>
    Picture,

    /// <summary>What the base makes of them in few steps.</summary>
    Draft,

    /// <summary>How much of the text the drafts show, see <see cref="Sample.Alignment"/>.</summary>
    Alignment,

    /// <summary>The noise that the source is made of.</summary>
    Inversion,
}

/// <summary>What is computed together; of pictures and drafts at one weight blend, since the weights are shared.</summary>
internal readonly record struct SampleBatch(SampleKind Kind, ImageKey[] Keys);

/// <summary>Which pictures a sampling run makes, and of what.</summary>
public static class SamplePlan
{
    /// <summary>
    /// All pictures of an edit whose strengths are listed, in batches. A batch has one weight blend; inside a blend the
    /// order is seed by seed, η rising. SDEdit's batches have one η too, whose steps they share.
    /// </summary>
    public static IReadOnlyList<ImageKey[]> Batches(EditSettings settings) =>
    [
        .. from blend in settings.Sample.Blends.Distinct()
           let keys = from seed in settings.Sample.Seeds.Distinct()
                      from eta in settings.EtasWithSource()
                      select new ImageKey(seed, new(eta, blend))
           from alike in keys.GroupBy(key => settings.Sample.Method == EditMethod.SdEdit ? key.Strength.Eta : 0)
           from batch in alike.Chunk(settings.Sample.Batch)
           select batch,
    ];

    /// <summary>All that is computed of an edit whose strengths are listed.</summary>
    internal static IEnumerable<SampleBatch> Listed(EditSettings settings) =>
    [
        .. settings.Sample.Method == EditMethod.Ddib ? new[] { new SampleBatch(SampleKind.Inversion, [new(settings.Sample.Seeds[0], new(0, 0))]) } : [],
        .. Batches(settings).Select(keys => new SampleBatch(SampleKind.Picture, keys)),
    ];

    /// <summary>
    /// e = η·e_tgt + (1−η)·e_opt for each η, states (B, T, d) (paper section 3.2, "text embedding interpolation").
    /// </summary>
    /// <param name="target">e_tgt, of batch 1.</param>
    /// <param name="optimized">e_opt, of batch 1.</param>
    /// <param name="etas">B strengths; 0 is the source, 1 the target text.</param>
    public static TextEmbedding Interpolate(TextEmbedding target, TextEmbedding optimized, IReadOnlyList<double> etas) =>
        target.Zip(optimized, (target, optimized) =>
        {
            using var scope = NewDisposeScope();
            long[] shape = [etas.Count, .. target.shape[1..].Select(_ => 1L)];
            var weights = tensor(etas.Select(eta => (float)eta).ToArray(), shape, device: target.device);
            return (weights * target).add(weights.OneMinus() * optimized, One).MoveToOuterDisposeScope();
        });
}
