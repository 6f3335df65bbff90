using Imagic.Imaging.ImageSharp;

namespace Imagic.Imaging;

public static partial class ImageCodec
{
    /// <summary>ImageSharp has decoders for neither kind of HEIF.</summary>
    internal static partial bool Decodes(ImageFormat format) => format is not (ImageFormat.Avif or ImageFormat.Heif);

    private static partial IImageCodec Create() => new ImageSharpCodec();
}
