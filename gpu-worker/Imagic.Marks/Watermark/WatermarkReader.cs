namespace Imagic.Marks.Watermark;

/// <summary>What was found in the pixels.</summary>
/// <param name="Payload">What it says; null where only its presence can be told.</param>
/// <param name="Score">How far it stands out, in standard deviations of what a picture without one gives.</param>
/// <param name="Chance">Share of pictures without one that would look so by chance.</param>
/// <param name="BitsRight">Share of the coded bits of the payload that needed no correction.</param>
public sealed record WatermarkReading(Payload? Payload, double Score, double Chance, double BitsRight = 0);

/// <summary>
/// Finds the watermark without the unmarked picture: all tiles are laid on each other, the frequencies' phases alone are
/// compared with those of the mark at every shift, since a crop moves it. Thread-safe.
/// </summary>
public static class WatermarkReader
{
    private const int Side = TileTransform.Side;

    // Reach of a neighbourhood on each side of a pixel, and its pixels.
    private const int Reach = 3, Area = (2 * Reach + 1) * (2 * Reach + 1);

    // Levels that a difference has at least: even areas would count for ever more. And its most sizes: edges drown the mark.
    private const double Noise = 1.5, Limit = 3;

    private const int Candidates = 8;

    // Standard deviations. Of 2 × Side² places looked at, about 1 in 750,000 pictures has one by chance.
    private const double PresenceScore = 6.5;

    // Below it the payload's check would have to tell chance from mark alone.
    private const double PlaceScore = 4;

    // Of a payload: the places tried, by its check of 16 bits and its service of 8.
    private const double PayloadChance = Candidates / (double)(1 << 24);

    // Of larger pictures the middle is read, so many pixels wide and high.
    private const int MostSide = 2048;

    /// <summary>Looks for the mark; null where there is none.</summary>
    public static WatermarkReading? Read(RgbImage image) => ReadWithScore(image).Reading;

    /// <summary>Looks for the mark, and tells how near an unmarked picture came.</summary>
    public static (WatermarkReading? Reading, double Score) ReadWithScore(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (Math.Min(image.Width, image.Height) < WatermarkWriter.LeastSide) return (null, 0);
        var (real, imaginary) = (Fold(Middle(image)), new double[Side * Side]);
        TileTransform.Forward(real, imaginary);
        Whiten(real, imaginary);
        var (places, presence) = (Scores(real, imaginary, onlyPlace: true), Scores(real, imaginary, onlyPlace: false));
        foreach (var place in Highest(places))
        {
            if (places[place] < PlaceScore) break;
            var (soft, norm) = Soft(real, imaginary, place);
            if (PayloadCode.Decode(soft) is not { Service: Payload.Imagic } payload) continue;
            var coded = PayloadCode.Encode(payload);
            var fit = soft.Select((value, bit) => value * coded[bit]).Sum() / norm;
            var score = Math.Max(places[place], fit);
            return (new(payload, score, PayloadChance, soft.Where((value, bit) => value * coded[bit] > 0).Count() / (double)coded.Length), score);
        }

        var best = Math.Max(places.Max(), presence.Max());
        return (best >= PresenceScore ? new(null, best, Chance(best)) : null, best);
    }

    private static RgbImage Middle(RgbImage image)
    {
        var (width, height) = (Math.Min(image.Width, MostSide), Math.Min(image.Height, MostSide));
        if ((width, height) == (image.Width, image.Height)) return image;
        var middle = new RgbImage(width, height, new byte[width * height * 3]);
        for (var y = 0; y < height; y++)
            image.Row((image.Height - height) / 2 + y).Slice((image.Width - width) / 2 * 3, width * 3).CopyTo(middle.Row(y));
        return middle;
    }

    /// <summary>Differences from the neighbourhood's mean over their own size there, all tiles of the picture summed up, (Side, Side).</summary>
    private static double[] Fold(RgbImage image)
    {
        var (width, height) = (image.Width, image.Height);
        var luma = Array.ConvertAll(Luma.Of(image), level => (int)level);
        var means = NeighbourhoodSums(luma, width, height);
        var differences = new int[luma.Length];
        for (var i = 0; i < luma.Length; i++) differences[i] = Math.Abs(luma[i] * Area - means[i]);
        var sizes = NeighbourhoodSums(differences, width, height);
        var sums = new double[Side * Side];
        for (var y = 0; y < height; y++)
        {
            var to = sums.AsSpan(y % Side * Side, Side);
            for (var x = 0; x < width; x++)
            {
                var i = y * width + x;
                var size = (double)sizes[i] / (Area * Area) + Noise;
                to[x % Side] += Math.Clamp((double)(luma[i] * Area - means[i]) / Area / size, -Limit, Limit) / Math.Sqrt(size);
            }
        }

        return sums;
    }

    private static int[] NeighbourhoodSums(int[] values, int width, int height)
    {
        var sums = new int[values.Length];
        var columns = new int[width]; // over 2 × Reach + 1 rows
        for (var row = -Reach; row <= Reach; row++) Add(columns, values.AsSpan(Math.Clamp(row, 0, height - 1) * width, width), 1);
        for (var y = 0; y < height; y++)
        {
            var sum = 0;
            for (var x = -Reach; x <= Reach; x++) sum += columns[Math.Clamp(x, 0, width - 1)];
            for (var x = 0; x < width; x++)
            {
                sums[y * width + x] = sum;
                sum += columns[Math.Min(x + Reach + 1, width - 1)] - columns[Math.Max(x - Reach, 0)];
            }

            Add(columns, values.AsSpan(Math.Min(y + Reach + 1, height - 1) * width, width), 1);
            Add(columns, values.AsSpan(Math.Max(y - Reach, 0) * width, width), -1);
        }

        return sums;
    }

    private static void Add(int[] columns, ReadOnlySpan<int> row, int sign)
    {
        for (var x = 0; x < columns.Length; x++) columns[x] += sign * row[x];
    }

    // Phases alone: a picture's own lengths differ by orders of magnitude, and tell nothing.
    private static void Whiten(double[] real, double[] imaginary)
    {
        foreach (var frequency in MarkSpectrum.Frequencies)
        {
            var i = frequency.Index;
            var length = Math.Sqrt(real[i] * real[i] + imaginary[i] * imaginary[i]);
            (real[i], imaginary[i]) = length > 0.5 ? (real[i] / length, imaginary[i] / length) : (0, 0);
        }
    }

    /// <summary>For each shift, how well it fits, in standard deviations; zero where there is nothing to compare.</summary>
    private static double[] Scores(double[] real, double[] imaginary, bool onlyPlace)
    {
        var (productReal, productImaginary) = (new double[Side * Side], new double[Side * Side]);
        var power = 0.0;
        foreach (var frequency in MarkSpectrum.Frequencies)
        {
            if (onlyPlace && frequency.Bit >= 0) continue;
            var i = frequency.Index;
            productReal[i] = real[i] * frequency.Real + imaginary[i] * frequency.Imaginary;
            productImaginary[i] = imaginary[i] * frequency.Real - real[i] * frequency.Imaginary;
            power += productReal[i] * productReal[i] + productImaginary[i] * productImaginary[i];
        }

        if (power == 0) return productReal;
        TileTransform.Forward(productReal, productImaginary);
        var scale = 1 / Math.Sqrt(power / 2);
        for (var i = 0; i < productReal.Length; i++) productReal[i] *= scale;
        return productReal;
    }

    private static (double[] Soft, double Norm) Soft(double[] real, double[] imaginary, int place)
    {
        var (column, row) = (place % Side, place / Side);
        var soft = new double[PayloadCode.Length];
        var power = 0.0;
        foreach (var frequency in MarkSpectrum.Frequencies)
        {
            if (frequency.Bit < 0) continue;
            var i = frequency.Index;
            var angle = 2 * Math.PI * ((frequency.Column * column + frequency.Row * row) % Side) / Side;
            var (cosine, sine) = (Math.Cos(angle), Math.Sin(angle));
            var alignedReal = real[i] * cosine + imaginary[i] * sine;
            var alignedImaginary = imaginary[i] * cosine - real[i] * sine;
            soft[frequency.Bit] += alignedReal * frequency.Real + alignedImaginary * frequency.Imaginary;
            power += real[i] * real[i] + imaginary[i] * imaginary[i];
        }

        return (soft, Math.Sqrt(power / 2));
    }

    private static IEnumerable<int> Highest(double[] scores)
    {
        var best = new PriorityQueue<int, double>();
        for (var i = 0; i < scores.Length; i++)
        {
            if (best.Count < Candidates) best.Enqueue(i, scores[i]);
            else best.EnqueueDequeue(i, scores[i]);
        }

        var descending = new Stack<int>();
        while (best.TryDequeue(out var place, out _)) descending.Push(place);
        return descending;
    }

    // The normal distribution's tail, at as many places as were looked at.
    private static double Chance(double score) =>
        Math.Min(1, 2 * Side * Side * Math.Exp(-score * score / 2) / (score * Math.Sqrt(2 * Math.PI)));
}
