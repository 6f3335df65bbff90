namespace Imagic.Editing.Sample;

/// <summary>Which pictures a sampling run makes, in the order they are made.</summary>
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
}
