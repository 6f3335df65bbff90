using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>What is known of the drafts of a search.</summary>
/// <param name="space">In which distances are taken.</param>
/// <param name="source">The source, (1, C, h, w).</param>
internal sealed class SearchFacts(IPictureSpace space, Tensor source) : IDisposable
{
    private readonly Dictionary<ImageKey, Tensor> _drafts = [];
    private readonly Dictionary<ImageKey, double[]> _gains = [];

    // Drafts do not change, and each choice of an axis asks for the same pairs.
    private readonly Dictionary<(ImageKey, ImageKey), double> _distances = [];
    private double[] _sourceGains = [];

    /// <summary>The picture that the text alone gives: with the package's own weights, from the first seed's noise.</summary>
    public required ImageKey Reference { get; init; }

    /// <summary>(1, C, h, w); η = 0 stands for the source itself.</summary>
    public Tensor this[ImageKey key] => key.Strength.Eta == 0 ? source : _drafts[key];

    /// <param name="latents">(B, C, h, w); copies nothing.</param>
    public void AddDrafts(ImageKey[] keys, Tensor latents)
    {
        // The reference may also be one of the strengths that are asked for.
        foreach (var (row, key) in keys.Index().Where(entry => !_drafts.ContainsKey(entry.Item))) _drafts.Add(key, latents.narrow(0, row, 1).DetachFromDisposeScope());
    }

    /// <param name="gains">(looks, B + 1) float64, of the source first.</param>
    public void AddGains(ImageKey[] keys, Tensor gains)
    {
        using var host = gains.cpu();
        var numbers = host.data<double>().ToArray();
        _sourceGains = Column(0);
        foreach (var (row, key) in keys.Index()) _gains.Add(key, Column(row + 1));

        double[] Column(int at) => [.. Enumerable.Range(0, StrengthSearch.Looks).Select(look => numbers[look * (keys.Length + 1) + at])];
    }

    /// <summary>η of all drafts of a seed at a blend, rising, 0 for the source first.</summary>
    public IReadOnlyList<double> Etas(long seed, double blend) =>
        [.. _drafts.Keys.Where(key => key != Reference && key.Seed == seed && key.Strength.Blend == blend).Select(key => key.Strength.Eta).Append(0).Order()];

    /// <summary>The drafts whose alignment is not known.</summary>
    public ImageKey[] NotAligned => [.. _drafts.Keys.Where(key => !_gains.ContainsKey(key))];

    public double Distance(ImageKey one, ImageKey other) =>
        _distances.TryGetValue((one, other), out var known) ? known : _distances[(one, other)] = space.Distances(this[one], this[other])[0];

    public double FromSource(ImageKey key) => Distance(key, key with { Strength = key.Strength with { Eta = 0 } });

    /// <summary>What it shows of the text: 0 for the source, 1 for the reference.</summary>
    public double AlignmentOf(ImageKey key) => key.Strength.Eta == 0 ? 0 : Alignment.Of(_gains[key], _sourceGains, _gains[Reference]);

    public void Dispose()
    {
        foreach (var draft in _drafts.Values) draft.Dispose();
    }
}
