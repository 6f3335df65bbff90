namespace Imagic.Editing.Sample;

/// <summary>A picture that a search has kept.</summary>
/// <param name="Key">Which it is.</param>
/// <param name="IsDraft">Made in few steps.</param>
/// <param name="Distance">From the source.</param>
/// <param name="Alignment">What it shows of the text: 0 for the source, 1 for the picture that the text alone gives.</param>
/// <param name="Rank">1 for the suggested picture, 2 … for those of other seeds; 0 for the rest.</param>
internal readonly record struct FoundCell(ImageKey Key, bool IsDraft, double Distance, double Alignment, int Rank);

/// <summary>
/// Finds strengths: drafts along η for every seed and blend, denser where what is seen changes faster (as elastic range
/// search does, arXiv 2603.17998), then the pictures that are worth all steps. Deterministic: what comes next follows from
/// the settings and from what the batches before have given.
/// </summary>
internal sealed class SearchPlan(EditSettings settings, bool refinesAll)
{
    /// <summary>Seeds whose pictures are nearer to each other than that are one.</summary>
    private const double SameWithin = 0.1;

    // Drafts that every seed begins with, evenly up to the largest η.
    private const int Starts = 3;

    // Drafts of a seed that look for where the text begins to show.
    private const int Refinements = 2;

    // Steps between drafts that are smaller, by what is seen, need no draft in between.
    private const double Fine = 0.05;

    private readonly StrengthSearch _search = settings.Sample.Search!;
    private readonly long[] _seeds = [.. settings.Sample.Seeds.Distinct()];
    private readonly double[] _blends = [.. settings.Sample.Blends.Distinct()];
    private readonly double[] _starts = [.. Enumerable.Range(1, Starts).Select(i => Math.Round(settings.Sample.Etas.Max() * i / Starts, 4))];
    private List<(long Seed, double Blend)> _rows = [];

    // Drafts and looks at them that are to come, of a row each.
    private readonly Queue<int> _drafts = new([Starts, .. Enumerable.Repeat(1, settings.Sample.Search!.Renders - Starts)]);
    private readonly Queue<int> _looks = new(
        [Starts, .. Explored(settings) > 0 ? new[] { Explored(settings) } : [], .. Enumerable.Repeat(1, settings.Sample.Search!.Renders - Starts - Explored(settings))]);
    private bool _hasPictures = true;

    public ImageKey Reference => new(_seeds[0], new(1, 0));

    /// <summary>Batches that do not depend on each other, asked for when the facts hold what those before gave.</summary>
    public IEnumerable<IEnumerable<SampleBatch>> Batches(SearchFacts facts)
    {
        _rows = [.. from blend in _blends from seed in _seeds select (seed, blend)];
        yield return [new(SampleKind.Draft, [Reference])];
        _drafts.Dequeue();
        yield return Batches(SampleKind.Draft, _rows.SelectMany(row => _starts.Select(eta => Key(row, eta))));
        _looks.Dequeue();
        yield return Alignments(facts);
        _rows = Distinct(facts);
        while (_drafts.TryDequeue(out _))
        {
            var isRefinement = _drafts.Count < Refinements;
            yield return Batches(
                SampleKind.Draft,
                from row in _rows
                let next = isRefinement ? Refined(facts, row) : Next(facts, row)
                where next is not null
                select Key(row, next.Value));
            if (_drafts.Count > Refinements) continue;
            _looks.Dequeue();
            yield return Alignments(facts);
        }

        _hasPictures = false;
        yield return Batches(SampleKind.Picture, Found(facts).Where(cell => !cell.IsDraft).Select(cell => cell.Key));
    }

    /// <summary>Steps that are left at most, after the batches that were asked for last.</summary>
    public int MostSteps(Func<SampleKind, int> of)
    {
        var drafts = _drafts.Sum(PerBlend);
        // The first time at the reference too.
        var looks = _looks.Sum(each => BatchesOf(_rows.Count * each + (each == Starts ? 1 : 0)));
        var pictures = _hasPictures ? 1 + PerBlend(refinesAll ? StrengthSearch.Kept : 1) : 0;
        return drafts * of(SampleKind.Draft) + looks * of(SampleKind.Alignment) + pictures * of(SampleKind.Picture);

        int PerBlend(int each) => _rows.GroupBy(row => row.Blend).Sum(blend => BatchesOf(blend.Count() * each));

        int BatchesOf(int pictures) => (pictures + settings.Sample.Batch - 1) / settings.Sample.Batch;
    }

    /// <summary>What is kept of every seed, the source first; once all batches are done.</summary>
    public IReadOnlyList<FoundCell> Found(SearchFacts facts)
    {
        var rows = Distinct(facts).Select(row => (Row: row, Choice: Choose(facts, row))).ToList();
        // Of those that show the text the nearest to the source; where none does, the one that shows most of it. One of each seed.
        var ranks = rows
            .OrderByDescending(entry => Math.Min(facts.AlignmentOf(entry.Choice), _search.Alignment)).ThenBy(entry => facts.FromSource(entry.Choice))
            .Select(entry => entry.Choice).DistinctBy(key => key.Seed).ToList();
        return
        [
            new(Source(ranks[0]), false, 0, 0, 0),
            .. from entry in rows
               from key in Cells(facts, entry.Row, entry.Choice)
               let rank = ranks.IndexOf(key) + 1
               select new FoundCell(key, !refinesAll && rank == 0, facts.FromSource(key), facts.AlignmentOf(key), rank),
        ];
    }

    // Drafts that are spread over the axis, before the refinements.
    private static int Explored(EditSettings settings) => Math.Max(0, settings.Sample.Search!.Renders - Starts - Refinements);

    private static ImageKey Source(ImageKey best) => best with { Strength = best.Strength with { Eta = 0 } };

    private static ImageKey Key((long Seed, double Blend) row, double eta) => new(row.Seed, new(eta, row.Blend));

    private double? Next(SearchFacts facts, (long Seed, double Blend) row)
    {
        var etas = facts.Etas(row.Seed, row.Blend);
        // All that it began with shows too little of the text: once more as far.
        if (etas.Count == Starts + 1 && facts.AlignmentOf(Key(row, etas[^1])) < _search.Alignment) return Further(etas);
        return StrengthAxis.Next(etas, (one, other) => facts.Distance(Key(row, etas[one]), Key(row, etas[other])));
    }

    // Between the suggested draft and the one before it, which shows too little of the text.
    private double? Refined(SearchFacts facts, (long Seed, double Blend) row)
    {
        var etas = facts.Etas(row.Seed, row.Blend);
        var choice = Choose(facts, row);
        if (facts.AlignmentOf(choice) < _search.Alignment) return Further(etas);
        var before = Key(row, etas.Last(eta => eta < choice.Strength.Eta));
        return facts.Distance(before, choice) > Fine ? StrengthAxis.Middle(before.Strength.Eta, choice.Strength.Eta) : null;
    }

    private static double Further(IReadOnlyList<double> etas) => Math.Round(etas[^1] * (Starts + 1) / Starts, 4);

    // The first that shows enough of the text; where none does, the one that shows most of it.
    private ImageKey Choose(SearchFacts facts, (long Seed, double Blend) row)
    {
        ImageKey[] keys = [.. facts.Etas(row.Seed, row.Blend).Skip(1).Select(eta => Key(row, eta))];
        var enough = keys.Where(key => facts.AlignmentOf(key) >= _search.Alignment).Take(1).ToList();
        return enough.Count > 0 ? enough[0] : keys.MaxBy(facts.AlignmentOf);
    }

    private static ImageKey[] Cells(SearchFacts facts, (long Seed, double Blend) row, ImageKey choice)
    {
        var etas = facts.Etas(row.Seed, row.Blend);
        var kept = Enumerable.Range(0, etas.Count).First(i => Key(row, etas[i]) == choice);
        var chosen = StrengthAxis.Even(etas.Count, kept, StrengthSearch.Kept, (one, other) => facts.Distance(Key(row, etas[one]), Key(row, etas[other])));
        return [.. chosen.Skip(1).Select(i => Key(row, etas[i]))];
    }

    // A seed goes where all that it began with is as another's at the same strengths.
    private List<(long Seed, double Blend)> Distinct(SearchFacts facts)
    {
        List<(long Seed, double Blend)> distinct = [];
        foreach (var row in from blend in _blends from seed in _seeds select (seed, blend))
        {
            if (!distinct.Any(other => other.Blend == row.blend && AreSame(other, row))) distinct.Add(row);
        }

        return distinct;

        bool AreSame((long, double) one, (long, double) other) => _starts.All(eta => facts.Distance(Key(one, eta), Key(other, eta)) < SameWithin);
    }

    private IEnumerable<SampleBatch> Alignments(SearchFacts facts) =>
        facts.NotAligned.Chunk(settings.Sample.Batch).Select(batch => new SampleBatch(SampleKind.Alignment, batch));

    private IEnumerable<SampleBatch> Batches(SampleKind kind, IEnumerable<ImageKey> keys) =>
        from blend in keys.GroupBy(key => key.Strength.Blend)
        from batch in blend.Chunk(settings.Sample.Batch)
        select new SampleBatch(kind, batch);
}
