using Imagic.Editing;
using Imagic.Imaging;

namespace Imagic.Cli.Edit;

/// <summary>Between the engine's pictures and the codec's images; the pixels are the same bytes.</summary>
internal static class PictureImages
{
    public static RgbImage ToImage(this Picture picture) => new(picture.Width, picture.Height, picture.Rgb);

    public static Picture ToPicture(this RgbImage image) => new(image.Width, image.Height, image.Pixels);
}
