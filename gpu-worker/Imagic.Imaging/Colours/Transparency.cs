namespace Imagic.Imaging.Colours;

/// <summary>Models know no transparency: it is laid on one colour, for pictures that users send white, the colour of a
/// page.</summary>
public static class Transparency
{
    /// <param name="rgba">Interleaved, not premultiplied, (N, 4).</param>
    /// <param name="rgb">The result, (N, 3).</param>
    public static void Lay(ReadOnlySpan<byte> rgba, Span<byte> rgb, byte red, byte green, byte blue)
    {
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            var alpha = rgba[from + 3];
            rgb[to] = Mix(rgba[from], red, alpha);
            rgb[to + 1] = Mix(rgba[from + 1], green, alpha);
            rgb[to + 2] = Mix(rgba[from + 2], blue, alpha);
        }
    }

    /// <summary>For pictures that have none, whatever stands in its place.</summary>
    internal static void Drop(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
    }

    private static byte Mix(byte ink, byte ground, int alpha) => (byte)((ink * alpha + ground * (255 - alpha) + 127) / 255);
}
