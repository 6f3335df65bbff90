using Imagic.Contracts.Edits;

namespace Imagic.Marks.Watermark;

/// <summary>
/// Puts the watermark into pictures: a faint periodic pattern in their brightness, stronger where they are busy. What comes
/// out depends on the pixels and the payload alone. Thread-safe.
/// </summary>
public sealed class WatermarkWriter(Payload payload)
{
    /// <summary>Shorter sides in pixels below which nothing is marked: there is no room.</summary>
    public const int LeastSide = 32;

    /// <summary>Pixels below which the mark tells that it is there and nothing else.</summary>
    public const int LeastPayloadPixels = 128 * 128;

    private const int Side = TileTransform.Side;

    // Of the tile's samples, 1/256ths of their standard deviation.
    private const int TileScale = 256;

    // Root mean square of the change in 1/16ths of a level: in even areas, more per level of mean slope, and at most.
    private const int Even = 22, PerSlope = 5, Most = 56;

    // The largest root mean square of the whole change, in levels: 40.6 dB, which rounding and colours leave above 40.
    private const double MostChange = 2.35;

    // Slopes above are edges, beside which an even area may lie.
    private const int EdgeSlope = 12;

    private const int Block = 8;

    private static readonly Lazy<short[]> PresenceTile = new(() => Tile(null));

    private readonly short[] _tile = Tile(PayloadCode.Encode(payload));

    /// <summary>Marks pictures of an edit.</summary>
    public WatermarkWriter(EditId id)
        : this(Payload.Of(id))
    {
    }

    /// <summary>The picture with the mark in it; the picture itself is left alone.</summary>
    public RgbImage Mark(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var marked = new RgbImage(image.Width, image.Height, [.. image.Pixels]);
        if (Math.Min(image.Width, image.Height) < LeastSide) return marked;
        var tile = CarriesPayload(image.Width, image.Height) ? _tile : PresenceTile.Value;
        var amplitudes = Amplitudes(Luma.Of(image), image.Width, image.Height);
        Limit(amplitudes, tile, image.Width, image.Height);
        var blocks = (image.Width + Block - 1) / Block;
        for (var y = 0; y < image.Height; y++)
        {
            var row = marked.Row(y);
            var pattern = tile.AsSpan(y % Side * Side, Side);
            var strengths = amplitudes.AsSpan(y / Block * blocks, blocks);
            for (var x = 0; x < image.Width; x++)
            {
                var change = pattern[x % Side] * strengths[x / Block] + (1 << 15) >> 16;
                var pixel = row.Slice(x * 3, 3);
                pixel[0] = (byte)Math.Clamp(pixel[0] + change, 0, 255);
                pixel[1] = (byte)Math.Clamp(pixel[1] + change, 0, 255);
                pixel[2] = (byte)Math.Clamp(pixel[2] + change, 0, 255);
            }
        }

        return marked;
    }

    /// <summary>Whether a picture of this size holds a payload.</summary>
    public static bool CarriesPayload(int width, int height) => (long)width * height >= LeastPayloadPixels && Math.Min(width, height) >= 2 * LeastSide;

    // 1/256ths of a level for each block: by the mean slope of it and its neighbours.
    private static int[] Amplitudes(byte[] luma, int width, int height)
    {
        var (columns, rows) = ((width + Block - 1) / Block, (height + Block - 1) / Block);
        var slopes = Slopes(luma, width, height, columns, rows);
        var amplitudes = new int[columns * rows];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var (sum, count) = (0, 0);
                for (var r = Math.Max(row - 1, 0); r <= Math.Min(row + 1, rows - 1); r++)
                {
                    for (var c = Math.Max(column - 1, 0); c <= Math.Min(column + 1, columns - 1); c++)
                    {
                        sum += slopes[r * columns + c];
                        count++;
                    }
                }

                var slope = Math.Min(sum / count, slopes[row * columns + column]);
                amplitudes[row * columns + column] = Math.Min(Even * 16 + PerSlope * slope, Most * 16);
            }
        }

        return amplitudes;
    }

    // Reduces what would change a picture more than is allowed; measured, since a small one has only a part of the tile.
    private static void Limit(int[] amplitudes, short[] tile, int width, int height)
    {
        var blocks = (width + Block - 1) / Block;
        var squares = 0L;
        for (var y = 0; y < height; y++)
        {
            var pattern = tile.AsSpan(y % Side * Side, Side);
            var strengths = amplitudes.AsSpan(y / Block * blocks, blocks);
            for (var x = 0; x < width; x++)
            {
                var change = pattern[x % Side] * strengths[x / Block] >> 12;
                squares += change * change;
            }
        }

        var mean = Math.Sqrt((double)squares / width / height) / 16;
        if (mean <= MostChange) return;
        for (var i = 0; i < amplitudes.Length; i++) amplitudes[i] = (int)(amplitudes[i] * (MostChange / mean));
    }

    // Mean difference of neighbours in each block, 1/16ths of a level.
    private static int[] Slopes(byte[] luma, int width, int height, int columns, int rows)
    {
        var sums = new int[columns * rows];
        for (var y = 0; y < height; y++)
        {
            var row = luma.AsSpan(y * width, width);
            var below = luma.AsSpan(Math.Min(y + 1, height - 1) * width, width);
            var blocks = sums.AsSpan(y / Block * columns, columns);
            for (var x = 0; x < width - 1; x++)
                blocks[x / Block] += Math.Min(Math.Abs(row[x + 1] - row[x]), EdgeSlope) + Math.Min(Math.Abs(below[x] - row[x]), EdgeSlope);
        }

        for (var i = 0; i < sums.Length; i++) sums[i] = sums[i] * 16 / (2 * Block * Block);
        return sums;
    }

    // Its samples have a standard deviation of TileScale.
    private static short[] Tile(sbyte[]? coded)
    {
        var (real, imaginary) = (new double[Side * Side], new double[Side * Side]);
        foreach (var frequency in MarkSpectrum.Frequencies)
        {
            var sign = frequency.Bit < 0 || coded is null ? 1 : coded[frequency.Bit];
            // The transform backwards is the one forwards of the conjugate, of which the real part is taken.
            (real[frequency.Index], imaginary[frequency.Index]) = (sign * frequency.Real, -sign * frequency.Imaginary);
        }

        TileTransform.Forward(real, imaginary);
        var scale = TileScale / Math.Sqrt(MarkSpectrum.Frequencies.Count / 2.0);
        return [.. real.Select(sample => (short)Math.Round(sample * scale))];
    }
}
