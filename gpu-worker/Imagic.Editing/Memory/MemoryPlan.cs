using System.Text.Json.Serialization;
using Imagic.Diffusion.UNet;
using Imagic.Editing.Descent;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Editing.Memory;

/// <summary>Whether to do something that saves memory and takes time.</summary>
public enum Saving
{
    /// <summary>Where memory is short.</summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    [JsonStringEnumMemberName("on")]
    On,

    [JsonStringEnumMemberName("off")]
    Off,
}

/// <summary>How a stage is to fit into memory; none of it changes a bit of what it computes.</summary>
public sealed record MemoryOptions
{
    /// <summary>Compute each layer again on the way back instead of keeping its activations.</summary>
    public Saving Checkpointing { get; init; }

    /// <summary>Keep the optimizer's state in host memory and bring it to the device piece by piece.</summary>
    public Saving Offload { get; init; }

    /// <summary>Bytes that there are; null asks the device.</summary>
    public long? Bytes { get; init; }
}

/// <summary>One way to run a stage.</summary>
/// <param name="Recompute">Each layer is computed again on the way back.</param>
/// <param name="Offload">The optimizer's state is in host memory.</param>
public readonly record struct MemoryRung(bool Recompute, bool Offload)
{
    /// <summary>From the fastest to the smallest.</summary>
    public static IReadOnlyList<MemoryRung> Ladder { get; } = [new(false, false), new(true, false), new(true, true)];

    public override string ToString() => this switch
    {
        { Offload: true } => "checkpointing, offload",
        { Recompute: true } => "checkpointing",
        _ => "all kept",
    };
}

/// <summary>Bytes that a training step needs at its peak on the device.</summary>
/// <param name="Weights">The UNet, and what is tuned beside it.</param>
/// <param name="Gradients">Of what is tuned.</param>
/// <param name="Moments">Adam's two.</param>
/// <param name="Masters">float32 copies of what is tuned.</param>
/// <param name="Activations">What is kept for the way back, and works on it.</param>
/// <param name="Program">Libraries and what they allocate for themselves.</param>
public sealed record MemoryNeed(long Weights, long Gradients, long Moments, long Masters, long Activations, long Program)
{
    public long Total => Weights + Gradients + Moments + Masters + Activations + Program;

    /// <summary>That it is more than there is, and what to do.</summary>
    public string TooMuch(MemoryRung rung, long bytes) => FormattableString.Invariant(
        $"A step needs about {Total / 1e9:F1} GB ({rung}), and there are {bytes / 1e9:F1} GB. It is tried all the same; a batch in more parts (--accumulate), --tuning kv or lora, --optimizer adamw8bit or a smaller size need less.");
}

/// <summary>What a setting needs, from the configuration alone, and which way to run it fits.</summary>
public static class MemoryPlan
{
    // .NET, libtorch and its kernels, measured in a process that trains next to nothing; a CUDA context with cuBLAS and cuDNN.
    private const long CpuProgram = 215L << 20, CudaProgram = 600L << 20;

    /// <summary>Of one step of stage 1, which moves the text alone.</summary>
    /// <inheritdoc cref="Of(UNet2DConditionModel, FineTuneSettings, ValueTuple{int, int}, ScalarType, DeviceType, MemoryRung)"/>
    public static MemoryNeed Of(
        UNet2DConditionModel unet, DescentSettings settings, (int Height, int Width) size, ScalarType dtype, DeviceType device, MemoryRung rung) =>
        new(unet.Parameters.Count * dtype.ElementSize(), 0, 0, 0, Activations(unet, settings, null, size, dtype, device, rung), Program(device));

    /// <summary>Of one step of stage 2, the largest of all.</summary>
    /// <param name="unet">The UNet; its parameters need not be bound.</param>
    /// <param name="settings">Tuning and batch.</param>
    /// <param name="size">Height and width of the latent.</param>
    /// <param name="dtype">What the UNet computes in.</param>
    /// <param name="device">Type of the device.</param>
    /// <param name="rung">How it is run.</param>
    public static MemoryNeed Of(
        UNet2DConditionModel unet, FineTuneSettings settings, (int Height, int Width) size, ScalarType dtype, DeviceType device, MemoryRung rung)
    {
        var tuned = TunedWeights.Declare(unet.Parameters, settings);
        var count = tuned.Count;
        if (tuned != unet.Parameters) tuned.Dispose();
        var beside = settings.Tuning == Tuning.Full ? 0 : count;
        var state = rung.Offload && device != DeviceType.CPU ? 0 : count;
        return new(
            (unet.Parameters.Count + beside) * dtype.ElementSize(),
            count * dtype.ElementSize(),
            settings.Optimizer == Optimizer.AdamW8Bit ? (state * 2) + (state / ByteState.Block * 8) : state * 8,
            dtype == ScalarType.Float32 ? 0 : state * 4,
            Activations(unet, settings, settings.Tuning, size, dtype, device, rung),
            Program(device));
    }

    /// <summary>The first rung of the ladder that is allowed and fits; the last allowed one where none does.</summary>
    /// <param name="options">What is allowed, and the memory.</param>
    /// <param name="bytes">Memory that there is.</param>
    /// <param name="need">What each rung needs.</param>
    public static MemoryRung Choose(MemoryOptions options, long bytes, Func<MemoryRung, MemoryNeed> need)
    {
        var allowed = MemoryRung.Ladder.Select(Forced).Distinct().ToList();
        return allowed.Exists(Fits) ? allowed.Find(Fits) : allowed[^1];

        bool Fits(MemoryRung rung) => need(rung).Total <= bytes;

        MemoryRung Forced(MemoryRung rung) => new(Is(options.Checkpointing, rung.Recompute), Is(options.Offload, rung.Offload));

        static bool Is(Saving saving, bool auto) => saving == Saving.Auto ? auto : saving == Saving.On;
    }

    private static long Activations(
        UNet2DConditionModel unet, DescentSettings settings, Tuning? tuning, (int Height, int Width) size, ScalarType dtype, DeviceType device, MemoryRung rung)
    {
        var parts = settings.Accumulate ?? 1;
        var activations = new Activations(unet.Config, tuning, settings.Batch / parts, size.Height, size.Width, unfolds: device == DeviceType.CPU);
        return (long)(dtype.ElementSize() * (rung.Recompute ? activations.Recomputed : activations.Kept));
    }

    private static long Program(DeviceType device) => device == DeviceType.CPU ? CpuProgram : CudaProgram;
}
