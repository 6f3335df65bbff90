using Imagic.Imaging;

namespace Imagic.Lab.EmojiEdBench;

/// <summary>How far two pictures are from each other.</summary>
public static class Measures
{
    /// <summary>Two pictures show the same at a pixel when no channel differs by more, of 255.</summary>
    private const int SameWithin = 16;

    /// <summary>PSNR of pictures that are equal: that of a mean squared error of 1e-3.</summary>
    private const double SmallestError = 1e-3;

    /// <summary>Root mean square of the difference from the source over the pixels where the true pictures of source and target
    /// show the same; in shares of full scale, 0 … 1. Null where they differ everywhere.</summary>
    public static double? OutsideDistance(RgbImage edited, RgbImage source, RgbImage trueTarget)
    {
        ArgumentNullException.ThrowIfNull(edited);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(trueTarget);
        long sum = 0, count = 0;
        for (var i = 0; i < source.Pixels.Length; i += 3)
        {
            if (Differ(source.Pixels, trueTarget.Pixels, i)) continue;
            for (var channel = i; channel < i + 3; channel++)
                sum += Square(edited.Pixels[channel] - source.Pixels[channel]);
            count += 3;
        }
        return count == 0 ? null : Math.Sqrt((double)sum / count) / 255;
    }

    /// <summary>10·log₁₀(255²/MSE), dB.</summary>
    public static double Psnr(RgbImage picture, RgbImage source)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(source);
        long sum = 0;
        for (var i = 0; i < source.Pixels.Length; i++)
            sum += Square(picture.Pixels[i] - source.Pixels[i]);
        return 10 * Math.Log10(255.0 * 255.0 / Math.Max((double)sum / source.Pixels.Length, SmallestError));
    }

    private static bool Differ(byte[] one, byte[] other, int pixel)
    {
        for (var channel = pixel; channel < pixel + 3; channel++)
        {
            if (Math.Abs(one[channel] - other[channel]) > SameWithin) return true;
        }
        return false;
    }

    private static int Square(int x) => x * x;
}
