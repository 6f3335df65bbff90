using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>Which pictures a search has kept, as its result holds it: (N, 7) float64.</summary>
internal static class SampleCells
{
    /// <summary>Its name among the tensors of the result.</summary>
    public const string Name = "cells";

    private const int Columns = 7;

    public static Tensor ToTensor(IReadOnlyList<FoundCell> cells, EditSettings settings)
    {
        // Seeds by their place: not every one is a number that a double holds.
        double[] numbers =
        [
            .. cells.SelectMany(cell => new[]
            {
                settings.Sample.Seeds.IndexOf(cell.Key.Seed), cell.Key.Strength.Eta, cell.Key.Strength.Blend, cell.IsDraft ? 1 : 0, cell.Distance,
                cell.Alignment, cell.Rank,
            }),
        ];
        return tensor(numbers, [cells.Count, Columns], dtype: ScalarType.Float64);
    }

    public static IReadOnlyList<FoundCell> Read(Tensor cells, EditSettings settings) =>
    [
        .. cells.data<double>().ToArray().Chunk(Columns).Select(row => new FoundCell(
            new(settings.Sample.Seeds[(int)row[0]], new(row[1], row[2])), row[3] == 1, row[4], row[5], (int)row[6])),
    ];
}
