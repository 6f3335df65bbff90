using Imagic.Contracts;
using Imagic.Imaging;

namespace Imagic.TestKit.Watermark;

/// <summary>Pictures made on the spot, always the same for the same numbers: no photographs, but as rough and as even in places.</summary>
public static class TestPictures
{
    /// <summary>Square ones that are as busy as photographs.</summary>
    public static IEnumerable<RgbImage> Photographs(int side, int count) => Enumerable.Range(1, count).Select(seed => Photograph(side, side, seed));

    /// <summary>Square ones of flat shapes on a flat ground.</summary>
    public static IEnumerable<RgbImage> Drawings(int side, int count) => Enumerable.Range(1, count).Select(seed => Drawing(side, seed));

    /// <summary>Leaves of all sizes that cover each other, each with a slope and a grain of its own.</summary>
    public static RgbImage Photograph(int width, int height, int seed)
    {
        var random = new Random(seed);
        var picture = RgbImage.Filled(width, height, 120, 130, 140);
        var longer = Math.Max(width, height);
        for (var leaf = 0; leaf < 150; leaf++)
        {
            var radius = longer * 0.5 * Math.Pow(0.04, leaf / 150.0) * (0.6 + random.NextDouble());
            var (x, y, slope) = (random.NextDouble() * width, random.NextDouble() * height, (random.NextDouble() - 0.5) * 60 / radius);
            var (grain, red, green, blue) = (random.Next(14), random.Next(20, 236), random.Next(20, 236), random.Next(20, 236));
            Fill(picture, x, y, radius, radius * (0.4 + random.NextDouble()), (across, channel) =>
                (channel == 0 ? red : channel == 1 ? green : blue) + across * slope + (random.NextDouble() - 0.5) * grain);
        }

        return picture;
    }

    /// <summary>A few flat ellipses, drawn at four times the size and reduced: with smooth edges.</summary>
    public static RgbImage Drawing(int side, int seed)
    {
        var random = new Random(seed);
        var isWhite = seed % 2 == 0;
        var picture = RgbImage.Filled(side * 4, side * 4, Level(), Level(), Level());
        for (var shape = 0; shape < 8; shape++)
        {
            var radius = side * 4 * (0.35 - shape * 0.035);
            int[] colour = [random.Next(256), random.Next(256), random.Next(256)];
            Fill(picture, side * (1 + 2 * random.NextDouble()), side * (1 + 2 * random.NextDouble()), radius, radius, (_, channel) => colour[channel]);
        }

        return Bicubic.Resize(picture, side, side);

        byte Level() => isWhite ? (byte)255 : (byte)random.Next(256);
    }

    /// <summary>Every level as likely as any other.</summary>
    public static RgbImage Noise(int width, int height, int seed = 9)
    {
        var picture = RgbImage.Filled(width, height, 0, 0, 0);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    private static void Fill(RgbImage picture, double x, double y, double horizontal, double vertical, Func<double, int, double> level)
    {
        for (var row = Math.Max((int)(y - vertical), 0); row < Math.Min(y + vertical, picture.Height); row++)
        {
            var reach = horizontal * Math.Sqrt(Math.Max(0, 1 - (row - y) * (row - y) / vertical / vertical));
            for (var column = Math.Max((int)(x - reach), 0); column < Math.Min(x + reach, picture.Width); column++)
            {
                for (var channel = 0; channel < 3; channel++)
                    picture.Row(row)[column * 3 + channel] = (byte)Math.Clamp(level(column - x, channel), 0, 255);
            }
        }
    }
}
