namespace Imagic.Imaging.Trimming;

/// <summary>Cuts a file down to what the pixels of its first picture need, in managed code, so that decoders never see
/// the rest. Nothing of the rest is wanted, and it is where small files become large: text that inflates a thousandfold,
/// or the million frames of an animation that libwebp walks through in quadratic time (4.6 MB took 32 s).</summary>
static class Trimmer
{
    /// <summary>What every codec does with a file before its decoder sees it: the limits, by its header, then the cut.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="limits">Checked before any pixel is decoded.</param>
    /// <param name="header">What it declares to be.</param>
    /// <exception cref="ImageException">It is no acceptable picture.</exception>
    public static ReadOnlySpan<byte> Admit(ReadOnlySpan<byte> encoded, ImageLimits limits, out ImageHeader header)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.CheckLength(encoded.Length);
        header = ImageHeader.Read(encoded);
        limits.Check(header, encoded.Length);
        return Trim(encoded, header.Format, limits);
    }

    /// <exception cref="ImageException">The file ends before its first picture does, or goes beyond the limits.</exception>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ImageFormat format, ImageLimits limits) => format switch
    {
        ImageFormat.Jpeg => JpegTrimmer.Trim(bytes, limits),
        ImageFormat.Png => PngTrimmer.Trim(bytes, limits),
        ImageFormat.WebP => WebPTrimmer.Trim(bytes),
        ImageFormat.Gif => GifTrimmer.Trim(bytes, limits),
        _ => bytes, // libheif bounds boxes and items itself
    };
}
