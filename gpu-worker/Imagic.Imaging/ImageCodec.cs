using Imagic.Imaging.Vips;

namespace Imagic.Imaging;

/// <summary>The codec of this build; the one place that knows which it is.</summary>
public static class ImageCodec
{
    public static IImageCodec Default { get; } = new VipsCodec(VipsText.FindFont());
}
