namespace Imagic.Imaging;

/// <summary>Models know no transparency: it is laid on one colour, for pictures that users send white, the colour of a
/// page.</summary>
static class Transparency
{
    /// <param name="rgba">Interleaved, not premultiplied, (Height, Width, 4).</param>
    public static RgbImage OnWhite(int width, int height, ReadOnlySpan<byte> rgba) => On(width, height, rgba, 255, 255, 255);

    /// <inheritdoc cref="OnWhite"/>
    public static RgbImage On(int width, int height, ReadOnlySpan<byte> rgba, byte red, byte green, byte blue)
    {
        ReadOnlySpan<byte> ground = [red, green, blue];
        var rgb = new byte[rgba.Length / 4 * 3];
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            var alpha = rgba[from + 3];
            for (var i = 0; i < 3; i++)
                rgb[to + i] = (byte)((rgba[from + i] * alpha + ground[i] * (255 - alpha) + 127) / 255);
        }
        return new RgbImage(width, height, rgb);
    }
}
