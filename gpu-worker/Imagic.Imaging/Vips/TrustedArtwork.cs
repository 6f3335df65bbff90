using Imagic.Imaging.Vips;

namespace Imagic.Imaging;

public static unsafe partial class TrustedArtwork
{
    static readonly Lazy<bool> SvgOpened = new(() =>
    {
        VipsRuntime.EnsureStarted();
        LibVips.vips_operation_block_set("VipsForeignLoadSvgBuffer", 0);
        return true;
    });

    public static partial RgbaImage RenderSvg(ReadOnlySpan<byte> svg)
    {
        _ = SvgOpened.Value;
        return Load(svg, "svgload_buffer", "The SVG cannot be rendered");
    }

    public static partial RgbaImage DecodeWebP(ReadOnlySpan<byte> encoded) =>
        Load(encoded, "webpload_buffer", "The WebP cannot be decoded");

    static RgbaImage Load(ReadOnlySpan<byte> encoded, string loader, string failure)
    {
        try
        {
            fixed (byte* bytes = encoded)
            {
                using var loaded = new VipsOperation(loader).Set("buffer", bytes, encoded.Length).Set("fail_on", "error").ToImage();
                using var srgb = new VipsOperation("colourspace").Set("in", loaded).Set("space", "srgb").ToImage();
                var pixels = srgb.ToPixels();
                return new RgbaImage(srgb.Width, srgb.Height, srgb.Bands == 4 ? pixels : Opaque(pixels));
            }
        }
        catch (VipsException e)
        {
            throw new ImageException(ImageProblem.Corrupt, $"{failure}: {e.Message}", e);
        }
        finally
        {
            LibVips.vips_error_clear();
        }
    }

    static byte[] Opaque(byte[] rgb)
    {
        var rgba = new byte[rgb.Length / 3 * 4];
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += 4)
            (rgba[to], rgba[to + 1], rgba[to + 2], rgba[to + 3]) = (rgb[from], rgb[from + 1], rgb[from + 2], 255);
        return rgba;
    }
}
