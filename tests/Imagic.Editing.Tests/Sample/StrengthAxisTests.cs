using FsCheck;
using FsCheck.Fluent;
using Imagic.Editing.Sample;

namespace Imagic.Editing.Tests.Sample;

public class StrengthAxisTests
{
    [Fact]
    public void Next_HalvesTheLargestStep()
    {
        double[] seen = [0, 0.1, 0.9, 1];

        Assert.Equal(0.6, StrengthAxis.Next([0, 0.4, 0.8, 1.2], On(seen)));
    }

    [Fact]
    public void Next_WhereTheLargestIsAJump_HalvesAnother()
    {
        double[] seen = [0, 0.9, 1.2];

        Assert.Equal(0.7575, StrengthAxis.Next([0.5, 0.515, 1], On(seen)));
        Assert.Null(StrengthAxis.Next([0.5, 0.515], On([0, 1])));
    }

    [Fact]
    public void Even_LeavesOutWhatIsTooNear()
    {
        double[] seen = [0, 0.1, 0.5, 0.52, 1, 1.5];

        Assert.Equal([0, 2, 4, 5], StrengthAxis.Even(seen.Length, kept: 2, most: 5, On(seen)));
        Assert.Equal([0, 3, 4, 5], StrengthAxis.Even(seen.Length, kept: 3, most: 5, On(seen)));
    }

    [Fact]
    public void Even_OfManyPoints_TakesAsManyAsAskedFor() =>
        Assert.Equal(6, StrengthAxis.Even(9, kept: 4, most: 5, On([.. Enumerable.Range(0, 9).Select(i => i / 8.0)])).Length);

    [Fact]
    public void Even_OfAnyPoints_IsEvenWhereTheKeptOneAloneWouldBe() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(byte[] Steps, byte Kept)>(), drawn =>
        {
            double[] seen = [0, .. drawn.Steps.Take(8).Append((byte)1).Scan(0, (sum, step) => sum + step + 1)];
            var kept = 1 + drawn.Kept % (seen.Length - 1);

            var chosen = StrengthAxis.Even(seen.Length, kept, most: 5, On(seen));

            // The first and the kept one are a single step, which is even.
            return chosen[0] == 0 && chosen.Contains(kept) && chosen.Length is >= 2 and <= 6 && chosen.SequenceEqual(chosen.Distinct().Order())
                && StrengthAxis.Evenness(chosen, On(seen)) <= StrengthAxis.EvenUpTo;
        }).QuickCheckThrowOnFailure();

    // Points on a line.
    private static Func<int, int, double> On(double[] seen) => (one, other) => Math.Abs(seen[one] - seen[other]);
}

file static class Sums
{
    public static IEnumerable<double> Scan(this IEnumerable<byte> values, double start, Func<double, byte, double> next)
    {
        foreach (var value in values) yield return start = next(start, value);
    }
}
