namespace Imagic.Imaging.Trimming;

/// <summary>Cuts a file down to what the pixels of its first picture need, in managed code, so that decoders never see
/// the rest. Nothing of the rest is wanted, and it is where small files become large: text that inflates a thousandfold,
/// or the million frames of an animation that libwebp walks through in quadratic time (4.6 MB took 32 s).</summary>
static class Trimmer
{
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
