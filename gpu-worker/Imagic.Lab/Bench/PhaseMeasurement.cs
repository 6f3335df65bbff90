using System.Diagnostics;
using Imagic.Diffusion;

namespace Imagic.Lab.Bench;

/// <summary>Times one phase in this process.</summary>
internal static class PhaseMeasurement
{
    // The first runs choose kernels, grow the heap and are compiled by the JIT.
    private const int WarmUps = 3;

    /// <exception cref="Imagic.Diffusion.Weights.ModelPackageException">A configuration is missing or not supported.</exception>
    public static PhaseRecord Run(BenchPhase phase, BenchSettings settings)
    {
        TorchLibrary.Load(settings.Threads);
        var peak = new PeakMemory(settings.Device);
        using var step = new PhaseStep(phase, settings);
        for (var i = 0; i < Math.Min(WarmUps, settings.Runs); i++) step.Run();
        var (elapsed, processor) = (new double[settings.Runs], new double[settings.Runs]);
        for (var i = 0; i < settings.Runs; i++)
        {
            var (started, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            step.Run();
            elapsed[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            processor[i] = (Environment.CpuUsage.TotalTime - used).TotalMilliseconds;
        }

        return new(phase, Median(elapsed), elapsed.Min(), Median(processor), peak.Mib());
    }

    /// <summary>The middle one, or between the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
