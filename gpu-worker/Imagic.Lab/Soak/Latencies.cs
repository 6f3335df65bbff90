using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Imagic.Lab.Soak;

/// <summary>How long calls took, and how many there were in a second.</summary>
internal sealed record Latencies(IReadOnlyList<double> Milliseconds, double PerSecond)
{
    /// <summary>Makes a number of calls, by several clients that each make one after the other.</summary>
    public static async Task<Latencies> MeasureAsync(int clients, int calls, Func<int, CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        var (times, began) = (new ConcurrentBag<double>(), Stopwatch.GetTimestamp());
        await Parallel.ForEachAsync(
            Enumerable.Range(0, calls), new ParallelOptions { MaxDegreeOfParallelism = clients, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                var sent = Stopwatch.GetTimestamp();
                await call(i, token);
                times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            });
        return new([.. times.Order()], calls / Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    /// <summary>The value below which this share of all lies, of values in order.</summary>
    public static double Percentile(IReadOnlyList<double> sorted, double share) =>
        sorted[(int)Math.Clamp(Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {Percentile(Milliseconds, 0.5):F0} ms, p95 {Percentile(Milliseconds, 0.95):F0} ms, p99 {Percentile(Milliseconds, 0.99):F0} ms, {PerSecond:F0} a second");
}
