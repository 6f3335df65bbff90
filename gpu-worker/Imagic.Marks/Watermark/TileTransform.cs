namespace Imagic.Marks.Watermark;

/// <summary>The discrete Fourier transform of a tile, <see cref="Side"/> × <see cref="Side"/>, in place.</summary>
internal static class TileTransform
{
    /// <summary>Period of the mark in pixels.</summary>
    public const int Side = 128;

    private const int Levels = 7; // 2^7 = Side

    private static readonly double[] Cosines = [.. Enumerable.Range(0, Side / 2).Select(i => Math.Cos(2 * Math.PI * i / Side))];

    private static readonly double[] Sines = [.. Enumerable.Range(0, Side / 2).Select(i => Math.Sin(2 * Math.PI * i / Side))];

    private static readonly byte[] Reversed = [.. Enumerable.Range(0, Side).Select(Reverse)];

    /// <summary>X(v, u) = Σ x(row, column) · exp(−2πi (u · column + v · row) / Side).</summary>
    /// <param name="real">(Side, Side).</param>
    /// <param name="imaginary">(Side, Side).</param>
    public static void Forward(double[] real, double[] imaginary)
    {
        for (var row = 0; row < Side; row++) Transform(real.AsSpan(row * Side, Side), imaginary.AsSpan(row * Side, Side));
        Transpose(real);
        Transpose(imaginary);
        for (var row = 0; row < Side; row++) Transform(real.AsSpan(row * Side, Side), imaginary.AsSpan(row * Side, Side));
        Transpose(real);
        Transpose(imaginary);
    }

    private static void Transform(Span<double> real, Span<double> imaginary)
    {
        for (var i = 0; i < Side; i++)
        {
            var j = Reversed[i];
            if (j <= i) continue;
            (real[i], real[j]) = (real[j], real[i]);
            (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
        }

        for (var half = 1; half < Side; half *= 2)
        {
            var stride = Side / 2 / half;
            for (var start = 0; start < Side; start += 2 * half)
            {
                for (var i = 0; i < half; i++)
                {
                    var (low, high) = (start + i, start + i + half);
                    var (cosine, sine) = (Cosines[i * stride], Sines[i * stride]);
                    var turnedReal = real[high] * cosine + imaginary[high] * sine;
                    var turnedImaginary = imaginary[high] * cosine - real[high] * sine;
                    (real[high], imaginary[high]) = (real[low] - turnedReal, imaginary[low] - turnedImaginary);
                    (real[low], imaginary[low]) = (real[low] + turnedReal, imaginary[low] + turnedImaginary);
                }
            }
        }
    }

    private static void Transpose(double[] square)
    {
        for (var row = 1; row < Side; row++)
        {
            for (var column = 0; column < row; column++)
                (square[row * Side + column], square[column * Side + row]) = (square[column * Side + row], square[row * Side + column]);
        }
    }

    private static byte Reverse(int index)
    {
        var reversed = 0;
        for (var bit = 0; bit < Levels; bit++) reversed |= (index >> bit & 1) << Levels - 1 - bit;
        return (byte)reversed;
    }
}
