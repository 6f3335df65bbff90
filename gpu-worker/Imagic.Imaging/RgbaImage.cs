namespace Imagic.Imaging;

/// <summary>A drawing without its background.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">Interleaved 8-bit sRGB and coverage, not premultiplied, (Height, Width, 4).</param>
public sealed record RgbaImage(int Width, int Height, byte[] Pixels)
{
    /// <summary>Lays it on one colour.</summary>
    public RgbImage On(byte red, byte green, byte blue) => Transparency.On(Width, Height, Pixels, red, green, blue);
}
