using System.Globalization;
using System.Text;

namespace Imagic.Cli.Pictures;

/// <summary>
/// DEC's sixels: bands of six rows, in each band one line per colour, a character for six pixels above each other. The
/// palette is a cube of 6 levels a channel (216 of at most 256 colours, exact in Sixel's percents), with ordered dithering.
/// </summary>
internal static class Sixel
{
    private const int Levels = 6;
    private const int BandHeight = 6;

    // Channel values between two levels, and the same in percent.
    private const int Step = 255 / (Levels - 1);
    private const int PercentStep = 100 / (Levels - 1);

    // Side of the dither matrix.
    private const int Dither = 8;

    // Shorter runs are no shorter as a count.
    private const int ShortestRun = 4;

    public static string Encode(RgbImage picture)
    {
        var colours = Quantize(picture);
        // P2=1: pixels that are not drawn stay as they are. The raster attributes say 1:1 pixels and the size.
        var sequences = new StringBuilder("\eP0;1;0q").Append(CultureInfo.InvariantCulture, $"\"1;1;{picture.Width};{picture.Height}");
        foreach (var colour in colours.Distinct().Order())
            sequences.Append(CultureInfo.InvariantCulture, $"#{colour};2;{colour / 36 * PercentStep};{colour / 6 % 6 * PercentStep};{colour % 6 * PercentStep}");
        for (var top = 0; top < picture.Height; top += BandHeight)
        {
            var band = colours.AsSpan(top * picture.Width, Math.Min(BandHeight, picture.Height - top) * picture.Width);
            AppendBand(sequences, band, picture.Width);
        }

        return sequences.Append("\e\\").ToString();
    }

    // Colour of each pixel, rows from the top: 36 red + 6 green + blue.
    private static byte[] Quantize(RgbImage picture)
    {
        var colours = new byte[picture.Width * picture.Height];
        for (var i = 0; i < colours.Length; i++)
        {
            var threshold = Threshold(i % picture.Width, i / picture.Width);
            var rgb = picture.Pixels.AsSpan(i * 3, 3);
            colours[i] = (byte)(36 * Level(rgb[0], threshold) + 6 * Level(rgb[1], threshold) + Level(rgb[2], threshold));
        }

        return colours;
    }

    private static int Level(byte value, double threshold) => (int)(value / (double)Step + threshold);

    // Bayer's matrix: the bits of x^y and y interleaved, the lowest first. In (0, 1), each of 64 values once.
    private static double Threshold(int x, int y)
    {
        var order = 0;
        for (var bit = 1; bit < Dither; bit <<= 1) order = order << 2 | ((x ^ y) & bit) / bit << 1 | (y & bit) / bit;
        return (order + 0.5) / (Dither * Dither);
    }

    private static void AppendBand(StringBuilder sequences, ReadOnlySpan<byte> band, int width)
    {
        var masks = new Dictionary<byte, byte[]>();
        for (var i = 0; i < band.Length; i++)
        {
            if (!masks.TryGetValue(band[i], out var mask)) masks[band[i]] = mask = new byte[width];
            mask[i % width] |= (byte)(1 << i / width);
        }

        foreach (var (index, (colour, mask)) in masks.Index())
        {
            if (index > 0) sequences.Append('$');
            sequences.Append('#').Append(colour);
            AppendRow(sequences, mask);
        }

        sequences.Append('-');
    }

    private static void AppendRow(StringBuilder sequences, byte[] mask)
    {
        for (int start = 0, end; start < mask.Length; start = end)
        {
            for (end = start + 1; end < mask.Length && mask[end] == mask[start];) end++;
            var character = (char)('?' + mask[start]);
            // Nothing is drawn to the right of it.
            if (end == mask.Length && mask[start] == 0) return;
            if (end - start >= ShortestRun) sequences.Append('!').Append(end - start).Append(character);
            else sequences.Append(character, end - start);
        }
    }
}
