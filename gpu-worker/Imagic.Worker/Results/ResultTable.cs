using Imagic.Editing;

namespace Imagic.Worker.Results;

/// <summary>The pictures of a seed at a weight blend, η rising.</summary>
internal sealed record ResultRow<T>(long Seed, double Blend, IReadOnlyList<T> Cells);

/// <summary>An edit's pictures as people look at them, row by row.</summary>
/// <param name="Etas">η of each column; none where every row has its own.</param>
internal sealed record ResultTable<T>(IReadOnlyList<double> Etas, IReadOnlyList<ResultRow<T>> Rows)
{
    /// <summary>Whether a row is told by its weight blend too.</summary>
    public bool HasBlends { get; } = Rows.DistinctBy(row => row.Blend).Count() > 1;
}

internal static class ResultTable
{
    /// <param name="pictures">All that there are.</param>
    public static ResultTable<T> Of<T>(EditSettings settings, IReadOnlyDictionary<ImageKey, T> pictures) => new(
        settings.Sample.Search is null ? settings.EtasWithSource() : [],
        [
            .. from blend in settings.Sample.Blends.Distinct()
               from seed in settings.Sample.Seeds.Distinct()
               let cells = pictures.Where(entry => entry.Key.Seed == seed && entry.Key.Strength.Blend == blend).OrderBy(entry => entry.Key.Strength.Eta).Select(entry => entry.Value)
               where cells.Any()
               select new ResultRow<T>(seed, blend, [.. cells]),
        ]);
}
