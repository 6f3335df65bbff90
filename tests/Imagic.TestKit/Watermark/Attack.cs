using Imagic.Contracts;
using Imagic.Imaging;

namespace Imagic.TestKit.Watermark;

/// <summary>What happens to pictures on their way, which a watermark is to survive.</summary>
public static class Attack
{
    /// <summary>Each by its name.</summary>
    public static IReadOnlyDictionary<string, Func<RgbImage, RgbImage>> All { get; } = new Dictionary<string, Func<RgbImage, RgbImage>>
    {
        ["none"] = picture => picture,
        ["JPEG 70"] = picture => Coded(picture, ImageFormat.Jpeg, 70),
        ["WebP 80"] = picture => Coded(picture, ImageFormat.WebP, 80),
        ["75 % and back"] = picture => Bicubic.Resize(Bicubic.Resize(picture, picture.Width * 3 / 4, picture.Height * 3 / 4), picture.Width, picture.Height),
        ["crop to 80 %"] = Cropped,
        ["brightness +10 %"] = picture => Map(picture, level => level * 1.1),
        ["brightness -10 %"] = picture => Map(picture, level => level * 0.9),
        ["contrast +10 %"] = picture => Map(picture, level => (level - 128) * 1.1 + 128),
        ["contrast -10 %"] = picture => Map(picture, level => (level - 128) * 0.9 + 128),
        ["crop, then JPEG 70"] = picture => Coded(Cropped(picture), ImageFormat.Jpeg, 70),
    };

    /// <summary>A part of a picture.</summary>
    public static RgbImage Crop(RgbImage picture, int left, int top, int width, int height)
    {
        var part = new RgbImage(width, height, new byte[width * height * 3]);
        for (var y = 0; y < height; y++) picture.Row(top + y).Slice(left * 3, width * 3).CopyTo(part.Row(y));
        return part;
    }

    // Off the middle, and by no multiple of anything.
    private static RgbImage Cropped(RgbImage picture) =>
        Crop(picture, Math.Max(picture.Width / 7 - 1, 0), picture.Height / 9, picture.Width * 4 / 5, picture.Height * 4 / 5);

    private static RgbImage Coded(RgbImage picture, ImageFormat format, int quality) =>
        ImageCodec.Decode(ImageCodec.Encode(picture, format, quality), ImageLimits.Default);

    private static RgbImage Map(RgbImage picture, Func<double, double> level)
    {
        var table = Enumerable.Range(0, 256).Select(value => (byte)Math.Clamp(Math.Round(level(value)), 0, 255)).ToArray();
        return new(picture.Width, picture.Height, Array.ConvertAll(picture.Pixels, value => table[value]));
    }
}
