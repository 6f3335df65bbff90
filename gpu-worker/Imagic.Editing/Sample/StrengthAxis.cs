namespace Imagic.Editing.Sample;

/// <summary>Points along η of which any two are some distance apart: of a seed's drafts, by what is seen of them.</summary>
public static class StrengthAxis
{
    /// <summary>Largest step by mean step up to which an axis counts as even.</summary>
    public const double EvenUpTo = 1.5;

    // Smallest step by mean step: what is nearer to its neighbour shows the same again.
    private const double LeastStep = 0.5;

    // Closer than that is one strength: what jumps there cannot be spaced evenly.
    private const double Finest = 0.01;

    /// <summary>η of the point to add: in the middle of the largest step that can still be divided; null where none can.</summary>
    /// <param name="etas">Rising.</param>
    /// <param name="distance">Between two points, by index.</param>
    public static double? Next(IReadOnlyList<double> etas, Func<int, int, double> distance)
    {
        var wide = Enumerable.Range(1, etas.Count - 1).Where(i => Middle(etas[i - 1], etas[i]) is not null).ToList();
        if (wide.Count == 0) return null;
        var at = wide.MaxBy(i => distance(i - 1, i));
        return Middle(etas[at - 1], etas[at]);
    }

    /// <summary>η between two; null where they are one already.</summary>
    public static double? Middle(double one, double other) => Math.Abs(other - one) < 2 * Finest ? null : Math.Round((one + other) / 2, 4);

    /// <summary>Largest step by mean step; 1 is even.</summary>
    public static double Evenness(IReadOnlyList<int> chosen, Func<int, int, double> distance)
    {
        var steps = Steps(chosen, distance);
        return steps.Sum() > 0 ? steps.Max() / steps.Average() : 1;
    }

    /// <summary>
    /// The points that are spaced most evenly: as many as stay even and show something new each, with the first and with
    /// <paramref name="kept"/>.
    /// </summary>
    /// <param name="count">Points, at most 20.</param>
    /// <param name="kept">Index of one that is not left out.</param>
    /// <param name="most">Points to choose, besides the first.</param>
    /// <param name="distance">Between two points, by index.</param>
    /// <returns>Rising indices; the first point is among them.</returns>
    public static int[] Even(int count, int kept, int most, Func<int, int, double> distance)
    {
        var choices =
            from bits in Enumerable.Range(0, 1 << count)
            where (bits & 1) == 1 && (bits >> kept & 1) == 1 && int.PopCount(bits) <= most + 1 && int.PopCount(bits) > 1
            let chosen = Enumerable.Range(0, count).Where(i => (bits >> i & 1) == 1).ToArray()
            let evenness = Evenness(chosen, distance)
            let even = evenness <= EvenUpTo && AreNew(chosen, distance)
            orderby even descending, chosen.Length descending, chosen[^1] descending, evenness
            select chosen;
        return choices.First();
    }

    private static bool AreNew(int[] chosen, Func<int, int, double> distance) => Steps(chosen, distance) is var steps && steps.Min() >= LeastStep * steps.Average();

    private static double[] Steps(IReadOnlyList<int> chosen, Func<int, int, double> distance) => [.. chosen.Zip(chosen.Skip(1), distance)];
}
