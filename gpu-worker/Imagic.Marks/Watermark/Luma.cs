namespace Imagic.Marks.Watermark;

/// <summary>Brightness of pixels, Rec. 601 in integers: the same on every machine.</summary>
internal static class Luma
{
    /// <summary>0 to 255 for each pixel, (Height, Width).</summary>
    public static byte[] Of(RgbImage image)
    {
        var luma = new byte[image.Width * image.Height];
        var pixels = image.Pixels.AsSpan();
        for (var i = 0; i < luma.Length; i++)
        {
            var pixel = pixels.Slice(i * 3, 3);
            luma[i] = (byte)(77 * pixel[0] + 150 * pixel[1] + 29 * pixel[2] + 128 >> 8);
        }

        return luma;
    }
}
