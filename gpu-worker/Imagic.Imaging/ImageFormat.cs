namespace Imagic.Imaging;

/// <summary>The picture formats that are told apart by content. <see cref="Heif"/> (HEVC in HEIF, as phones write it)
/// is recognised but never decoded; AVIF where the build's codec can.</summary>
public enum ImageFormat
{
    Jpeg,
    Png,
    WebP,
    Avif,
    Heif,
    Gif,
}
