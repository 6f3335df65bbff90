namespace Imagic.Imaging;

/// <summary>Models know no transparency: it is laid on white, the colour of a page.</summary>
static class Transparency
{
    /// <param name="rgba">Interleaved, not premultiplied, (Height, Width, 4).</param>
    public static RgbImage OnWhite(int width, int height, ReadOnlySpan<byte> rgba)
    {
        var rgb = new byte[rgba.Length / 4 * 3];
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            var alpha = rgba[from + 3];
            for (var i = 0; i < 3; i++)
                rgb[to + i] = (byte)((rgba[from + i] * alpha + 255 * (255 - alpha) + 127) / 255);
        }
        return new RgbImage(width, height, rgb);
    }
}
