using Imagic.Imaging.Vips;

namespace Imagic.Imaging;

public static partial class ImageCodec
{
    /// <summary>All but HEVC, which no free decoder in the library reads.</summary>
    internal static partial bool Decodes(ImageFormat format) => format != ImageFormat.Heif;

    private static partial IImageCodec Create() => new VipsCodec(VipsText.FindFont());
}
