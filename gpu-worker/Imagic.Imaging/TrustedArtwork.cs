namespace Imagic.Imaging;

/// <summary>Reads drawings that keep their transparency, from files that came with a pinned package. Never for a file that
/// a user sent: SVG is a language with a large interpreter behind it, which <see cref="IImageCodec"/> keeps closed. The
/// first call opens it for this process.</summary>
public static partial class TrustedArtwork
{
    /// <summary>Renders an SVG document that names its width and height in pixels.</summary>
    /// <exception cref="ImageException">It is no SVG that can be rendered.</exception>
    public static partial RgbaImage RenderSvg(ReadOnlySpan<byte> svg);

    /// <summary>Decodes a WebP with its transparency.</summary>
    /// <exception cref="ImageException">It is no WebP that can be decoded.</exception>
    public static partial RgbaImage DecodeWebP(ReadOnlySpan<byte> encoded);
}
