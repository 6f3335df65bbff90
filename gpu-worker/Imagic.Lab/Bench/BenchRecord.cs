using System.Collections.Immutable;

namespace Imagic.Lab.Bench;

/// <summary>What one phase took.</summary>
/// <param name="Phase">Which.</param>
/// <param name="MedianMs">Median over the runs, milliseconds.</param>
/// <param name="MinMs">Fastest run, milliseconds: on a shared machine the steadier number.</param>
/// <param name="CpuMs">Median processor time of all threads together, milliseconds: hardly moved by other programs.</param>
/// <param name="PeakMib">Most memory that a process held that did nothing but this phase, see <see cref="PeakMemory"/>.</param>
internal sealed record PhaseRecord(BenchPhase Phase, double MedianMs, double MinMs, double CpuMs, double PeakMib);

/// <summary>All phases and what they were measured on; the output of <c>--json</c>.</summary>
internal sealed record BenchRecord(
    string Config, string Latent, int Batch, string Precision, string Device, int Threads, int Runs, string Libtorch,
    ImmutableArray<PhaseRecord> Phases);

/// <summary>What is timed, in the order in which an edit does it.</summary>
internal enum BenchPhase
{
    /// <summary>Picture to latent distribution, the whole batch at once.</summary>
    Encode,

    /// <summary>One pass through the UNet without gradients.</summary>
    Forward,

    /// <summary>One update of the embedding.</summary>
    Optimize,

    /// <summary>One update of all weights of the UNet.</summary>
    FineTune,

    /// <summary>One denoising step with guidance: twice the batch goes through the UNet.</summary>
    Sample,

    /// <summary>Latents to pictures, the whole batch at once.</summary>
    Decode,
}
