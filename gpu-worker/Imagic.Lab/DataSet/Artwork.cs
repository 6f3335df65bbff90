using Imagic.Imaging.Colours;
using NetVips;

namespace Imagic.Lab.DataSet;

/// <summary>A drawing without its background.</summary>
/// <param name="Pixels">Interleaved 8-bit sRGB and coverage, not premultiplied, (Height, Width, 4).</param>
public sealed record Artwork(int Width, int Height, byte[] Pixels)
{
    static Artwork() => NetVips.NetVips.Concurrency = 1; // drawings are drawn side by side, one thread each

    /// <summary>Renders an SVG document that names its width and height in pixels. Never for a file that a user sent: SVG is
    /// a language with a large interpreter behind it.</summary>
    /// <exception cref="VipsException">It is no SVG that can be rendered.</exception>
    public static Artwork FromSvg(byte[] svg)
    {
        using var loaded = Image.SvgloadBuffer(svg, failOn: Enums.FailOn.Error);
        return Read(loaded);
    }

    /// <exception cref="VipsException">It is no WebP that can be decoded.</exception>
    public static Artwork FromWebP(byte[] encoded)
    {
        using var loaded = Image.WebploadBuffer(encoded, failOn: Enums.FailOn.Error);
        return Read(loaded);
    }

    /// <summary>Lays it on one colour.</summary>
    public RgbImage On(byte red, byte green, byte blue)
    {
        var image = new RgbImage(Width, Height, new byte[Width * Height * 3]);
        Transparency.Lay(Pixels, image.Pixels, red, green, blue);
        return image;
    }

    private static Artwork Read(Image loaded)
    {
        using var rgb = loaded.Colourspace(Enums.Interpretation.Srgb);
        using var rgba = rgb.HasAlpha() ? rgb : rgb.Bandjoin(255);
        return new(rgba.Width, rgba.Height, rgba.WriteToMemory<byte>());
    }
}
