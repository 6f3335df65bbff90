using System.Diagnostics;
using Imagic.Imaging;

namespace Imagic.TestKit.Fuzz;

/// <summary>Feeds the codec damaged pictures: it must answer each with pixels or an <see cref="ImageException"/>, soon, and
/// without keeping memory. Input number n of a seed is always the same file.</summary>
public static class ImageFuzzer
{
    /// <summary>Longer than this for one small file counts as hanging.</summary>
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(2);

    /// <summary>Low enough that a lie about the size is tried often and costs little.</summary>
    private static readonly ImageLimits Limits = new() { MaxPixels = 4_000_000, MaxSide = 4_096 };

    private static readonly byte[][] Seeds = [.. FuzzSeeds.All.Values];

    /// <summary>The damaged file of this number.</summary>
    public static byte[] Input(int seed, int index) => new Mutator(new Random(unchecked(seed * 1_000_003 + index)), Seeds).Next();

    /// <param name="progress">Called before every input with its index.</param>
    public static FuzzReport Run(int inputs, int seed = 1, Action<int>? progress = null, CancellationToken cancellationToken = default)
    {
        foreach (var picture in Seeds)
            ImageCodec.Decode(picture, Limits);
        var residentBefore = Environment.WorkingSet;

        var (decoded, index, slowest) = (0, 0, TimeSpan.Zero);
        Dictionary<ImageProblem, int> refused = [];
        List<FuzzFailure> failures = [];
        var started = Stopwatch.GetTimestamp();
        for (; index < inputs && !cancellationToken.IsCancellationRequested; index++)
        {
            progress?.Invoke(index);
            var input = Input(seed, index);
            var inputStarted = Stopwatch.GetTimestamp();
            try
            {
                var image = ImageCodec.Decode(input, Limits);
                decoded++;
                if ((long)image.Width * image.Height > Limits.MaxPixels)
                    failures.Add(new(index, $"was decoded to {image.Width} x {image.Height} pixels, beyond the limit"));
            }
            catch (ImageException e)
            {
                refused[e.Problem] = refused.GetValueOrDefault(e.Problem) + 1;
            }
            catch (Exception e)
            {
                failures.Add(new(index, e.ToString()));
            }
            var took = Stopwatch.GetElapsedTime(inputStarted);
            if (took > slowest)
                slowest = took;
            if (took > WaitLimit)
                failures.Add(new(index, $"took {took.TotalSeconds:F1} s"));
        }
        return new(index, decoded, refused, failures, Stopwatch.GetElapsedTime(started), slowest, residentBefore, Environment.WorkingSet);
    }
}
