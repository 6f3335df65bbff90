using Imagic.Imaging;

namespace Imagic.Marks.Tests;

/// <summary>Pictures made on the spot.</summary>
internal static class Scenes
{
    public static RgbImage Gradients(int width, int height)
    {
        var image = new RgbImage(width, height, new byte[width * height * 3]);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                ((ReadOnlySpan<byte>)[(byte)(255 * x / width), (byte)(255 * y / height), (byte)((x / 8 + y / 8) % 2 * 255)]).CopyTo(image.Row(y)[(x * 3)..]);
        }

        return image;
    }

    public static byte[] File(ImageFormat format, int width = 64, int height = 48) => ImageCodec.Encode(Gradients(width, height), format);
}
