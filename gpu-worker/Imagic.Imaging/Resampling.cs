namespace Imagic.Imaging;

/// <summary>Resizing with a window, equal to Pillow's <c>Image.resize</c> on 8-bit RGB in every bit, because the published
/// pipelines prepare their pictures with it (facts from Pillow, <c>src/libImaging/Resample.c</c>). Rows are filtered first,
/// then columns, each pass rounding to 8 bits.</summary>
/// <param name="radius">Where the window ends, in samples.</param>
/// <param name="window">Weight at a distance.</param>
internal sealed class Resampling(double radius, Func<double, double> window)
{
    /// <summary>Weights are integers scaled by 2^22: products with 8-bit samples, summed with overshoot, fit 32 bits.</summary>
    private const int PrecisionBits = 32 - 8 - 2;

    private const int Half = 1 << PrecisionBits - 1;

    /// <summary>Resizes to width × height, whatever the aspect.</summary>
    public RgbImage Resize(RgbImage image, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var narrowed = width == image.Width ? image : ResizeRows(image, width);
        return height == image.Height ? narrowed : ResizeColumns(narrowed, height);
    }

    private RgbImage ResizeRows(RgbImage image, int width)
    {
        var taps = Taps(image.Width, width);
        var result = new RgbImage(width, image.Height, new byte[width * image.Height * 3]);
        Parallel.For(0, image.Height, y =>
        {
            var from = image.Row(y);
            var to = result.Row(y);
            for (var x = 0; x < width; x++)
            {
                var (first, weights) = taps[x];
                var samples = from.Slice(first * 3, weights.Length * 3);
                int red = Half, green = Half, blue = Half;
                for (var i = 0; i < weights.Length; i++)
                {
                    var weight = weights[i];
                    red += samples[i * 3] * weight;
                    green += samples[i * 3 + 1] * weight;
                    blue += samples[i * 3 + 2] * weight;
                }
                (to[x * 3], to[x * 3 + 1], to[x * 3 + 2]) = (ToByte(red), ToByte(green), ToByte(blue));
            }
        });
        return result;
    }

    private RgbImage ResizeColumns(RgbImage image, int height)
    {
        var taps = Taps(image.Height, height);
        var result = new RgbImage(image.Width, height, new byte[image.Width * height * 3]);
        Parallel.For(0, height, y =>
        {
            var (first, weights) = taps[y];
            var sums = new int[image.Width * 3];
            Array.Fill(sums, Half);
            for (var i = 0; i < weights.Length; i++)
            {
                var weight = weights[i];
                var from = image.Row(first + i);
                for (var x = 0; x < sums.Length; x++)
                    sums[x] += from[x] * weight;
            }
            var to = result.Row(y);
            for (var x = 0; x < sums.Length; x++)
                to[x] = ToByte(sums[x]);
        });
        return result;
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> PrecisionBits, 0, 255);

    /// <summary>For each output sample: the first input sample it reads, and the weights from there on.</summary>
    private (int First, int[] Weights)[] Taps(int inputs, int outputs)
    {
        var scale = (double)inputs / outputs;
        var stretch = Math.Max(scale, 1); // enlarging interpolates, reducing averages
        var support = radius * stretch;
        var taps = new (int, int[])[outputs];
        for (var output = 0; output < outputs; output++)
        {
            var centre = (output + 0.5) * scale;
            var first = Math.Max((int)(centre - support + 0.5), 0);
            var count = Math.Min((int)(centre + support + 0.5), inputs) - first;
            var weights = new double[count];
            var sum = 0.0;
            for (var i = 0; i < count; i++)
                sum += weights[i] = window((first + i - centre + 0.5) * (1 / stretch));
            taps[output] = (first, Array.ConvertAll(weights, weight => ToFixed(weight / sum)));
        }
        return taps;
    }

    private static int ToFixed(double weight) => (int)(weight * (1 << PrecisionBits) + (weight < 0 ? -0.5 : 0.5));
}
