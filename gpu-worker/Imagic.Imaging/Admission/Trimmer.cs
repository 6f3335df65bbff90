namespace Imagic.Imaging.Admission;

/// <summary>Cuts a file down to what the pixels of its first picture need, so that decoders never see the rest. Nothing of
/// the rest is wanted, and it is where small files become large: text that inflates a thousandfold, the million frames of
/// an animation.</summary>
internal static class Trimmer
{
    /// <summary>What happens to a file before its decoder sees it: the limits, by its header, then the cut.</summary>
    /// <exception cref="ImageException">It is no acceptable picture.</exception>
    public static ReadOnlySpan<byte> Admit(ReadOnlySpan<byte> encoded, ImageLimits limits, out ImageHeader header)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.CheckLength(encoded.Length);
        header = ImageHeader.Read(encoded);
        limits.Check(header, encoded.Length);
        return Trim(encoded, header, limits);
    }

    /// <exception cref="ImageException">The file ends before its first picture does, or goes beyond the limits.</exception>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ImageHeader header, ImageLimits limits) => header.Format switch
    {
        ImageFormat.Jpeg => JpegFile.Trim(bytes, limits),
        ImageFormat.Png => PngFile.Trim(bytes, limits),
        ImageFormat.WebP => WebPFile.Trim(bytes, header),
        ImageFormat.Gif => GifFile.Trim(bytes, limits),
        ImageFormat.Bmp => BmpFile.Trim(bytes),
        _ => TiffFile.Trim(bytes),
    };
}
