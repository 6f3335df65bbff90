using Imagic.TestKit.Fuzz;

namespace Imagic.Imaging.Tests;

/// <summary>Pictures made on the spot.</summary>
internal static class Pictures
{
    /// <summary>Smooth in one place, busy in another, with saturated edges: what a codec and a resampler can get wrong.</summary>
    public static RgbImage Scene(int width, int height)
    {
        var image = new RgbImage(width, height, new byte[width * height * 3]);
        for (var y = 0; y < height; y++)
        {
            var row = image.Row(y);
            for (var x = 0; x < width; x++)
            {
                row[x * 3] = (byte)(255 * x / width);
                row[x * 3 + 1] = (byte)(255 * y / height);
                row[x * 3 + 2] = (byte)((x / 8 + y / 8) % 2 * 255);
            }
        }
        return image;
    }

    public static RgbImage Noise(int width, int height, int seed)
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>What all of <see cref="FuzzSeeds"/> show: 32 x 24, quarters of red, green, blue and white.</summary>
    public static RgbImage Quarters()
    {
        var image = RgbImage.Filled(32, 24, 255, 255, 255);
        for (var y = 0; y < 24; y++)
        {
            for (var x = 0; x < 32; x++)
            {
                ReadOnlySpan<byte> colour = (x < 16, y < 12) switch
                {
                    (true, true) => [180, 60, 50],
                    (false, true) => [60, 130, 70],
                    (true, false) => [60, 80, 150],
                    _ => [255, 255, 255],
                };
                colour.CopyTo(image.Row(y)[(x * 3)..]);
            }
        }
        return image;
    }

    public static RgbImage Decode(byte[] encoded) => ImageCodec.Decode(encoded, ImageLimits.Default);

    public static RgbImage FromFile(string name) => Decode(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, name)));

    /// <summary>Mean absolute difference over all samples, in 8-bit steps.</summary>
    public static double Difference(RgbImage a, RgbImage b)
    {
        Assert.Equal((a.Width, a.Height), (b.Width, b.Height));
        return a.Pixels.Zip(b.Pixels, (x, y) => Math.Abs(x - y)).Average();
    }
}
