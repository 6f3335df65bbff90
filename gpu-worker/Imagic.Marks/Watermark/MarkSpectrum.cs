namespace Imagic.Marks.Watermark;

/// <summary>A frequency of the tile that carries the mark.</summary>
/// <param name="Column">Periods across the tile, 0 to Side − 1.</param>
/// <param name="Row">Periods down the tile; only one of each pair of opposite frequencies is listed.</param>
/// <param name="Real">Its phase, as a number of length 1.</param>
/// <param name="Imaginary">Its phase.</param>
/// <param name="Bit">The coded bit whose sign it has; −1 where it is always the same and tells where the tile lies.</param>
internal readonly record struct MarkFrequency(int Column, int Row, double Real, double Imaginary, int Bit)
{
    public int Index => Row * TileTransform.Side + Column;
}

/// <summary>
/// Where the mark lies: a ring of middle frequencies, below what reducing to 75 % and JPEG take away, above what eyes take
/// for shading. A third of them finds the tile, which a crop has moved; the others carry the payload.
/// </summary>
internal static class MarkSpectrum
{
    // Periods per pixel.
    private const double Lowest = 0.06, Highest = 0.30;

    private const uint Seed = 0x1D0C5EED;

    /// <summary>All frequencies, always in this order.</summary>
    public static IReadOnlyList<MarkFrequency> Frequencies { get; } = Choose();

    private static MarkFrequency[] Choose()
    {
        const int side = TileTransform.Side;
        var places = new List<(int Column, int Row)>();
        for (var row = 0; row <= side / 2; row++)
        {
            for (var column = -side / 2 + 1; column < side / 2; column++)
            {
                var length = Math.Sqrt(row * row + column * column) / side;
                if (length is >= Lowest and <= Highest && (row > 0 || column > 0)) places.Add(((column + side) % side, row));
            }
        }

        var random = Seed;
        for (var i = places.Count - 1; i > 0; i--)
        {
            var j = (int)(Next(ref random) % (uint)(i + 1));
            (places[i], places[j]) = (places[j], places[i]);
        }

        var frequencies = new MarkFrequency[places.Count];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var angle = 2 * Math.PI * (Next(ref random) >> 24) / 256;
            // In turns, so that each coded bit has as many as any other, spread over the ring by the shuffle.
            var bit = i % 3 == 0 ? -1 : (i - i / 3 - 1) % PayloadCode.Length;
            frequencies[i] = new(places[i].Column, places[i].Row, Math.Cos(angle), Math.Sin(angle), bit);
        }

        return frequencies;
    }

    // Marsaglia's xorshift: the same on every machine and in every version of .NET.
    private static uint Next(ref uint state)
    {
        state ^= state << 13;
        state ^= state >> 17;
        return state ^= state << 5;
    }
}
