using Imagic.Editing;
using Imagic.Imaging;

namespace Imagic.Worker.Results;

/// <summary>Between the engine's pictures and the codec's images; the pixels are the same bytes.</summary>
public static class PictureImages
{
    public static RgbImage ToImage(this Picture picture) => new(picture.Width, picture.Height, picture.Rgb);

    public static Picture ToPicture(this RgbImage image) => new(image.Width, image.Height, image.Pixels);
}
