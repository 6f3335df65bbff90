using System.CommandLine;
using System.Globalization;
using Imagic.Editing.Memory;
using Imagic.Worker.Models;
using static TorchSharp.torch;

namespace Imagic.Worker;

/// <summary>What models compute with.</summary>
/// <param name="Device">Where.</param>
/// <param name="Dtype">What the UNet computes in.</param>
/// <param name="Threads">CPU threads.</param>
/// <param name="Memory">How training is to fit into memory; null is by what there is.</param>
public readonly record struct ComputeOptions(Device Device, ScalarType Dtype, int Threads, MemoryOptions? Memory = null);

/// <summary>The part of a command line that says what models compute with.</summary>
public sealed class ComputeArguments
{
    private const int MaxThreads = 1024;

    private readonly Option<string> _device = new("--device") { Description = Devices.Choices, DefaultValueFactory = _ => "auto" };
    private readonly Option<int> _threads = new("--threads") { Description = "CPU threads; the same bytes are promised for the same number", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<Precision?> _precision = EnumOption.Create<Precision>("--precision", "What the UNet computes in, with float32 masters either way");

    private readonly Option<Saving?> _checkpointing = EnumOption.Create<Saving>("--checkpointing", "Compute each layer again on the way back instead of keeping its activations; the bits are the same");
    private readonly Option<Saving?> _offload = EnumOption.Create<Saving>("--offload", "Keep the optimizer's state in host memory; the bits are the same");
    private readonly Option<string?> _memory = new("--memory") { Description = "Memory that there is, e.g. 16GB; by default the device is asked" };

    public IReadOnlyList<Option> All => [_device, _threads, _precision, _checkpointing, _offload, _memory];

    /// <summary>Reads and checks them.</summary>
    /// <exception cref="BadInputException">A value is out of range, or this machine has no such device.</exception>
    public ComputeOptions Read(ParseResult parsed)
    {
        var threads = parsed.GetValue(_threads);
        if (threads is < 1 or > MaxThreads) throw new BadInputException($"--threads must lie in 1 to {MaxThreads}.");
        var memory = new MemoryOptions
        {
            Checkpointing = parsed.GetValue(_checkpointing) ?? Saving.Auto,
            Offload = parsed.GetValue(_offload) ?? Saving.Auto,
            Bytes = parsed.GetValue(_memory) is { } text ? ParseBytes("--memory", text) : null,
        };
        return new(Devices.Parse(parsed.GetRequiredValue(_device)), (parsed.GetValue(_precision) ?? Precision.Float32).ToScalarType(), threads, memory);
    }

    /// <summary>Reads a number of gigabytes, with or without the unit.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public static long ParseBytes(string option, string text)
    {
        var number = text.EndsWith("GB", StringComparison.OrdinalIgnoreCase) ? text[..^2] : text;
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var gigabytes) && gigabytes is > 0 and < 1e6
            ? (long)(gigabytes * 1e9)
            : throw new BadInputException($"{option} takes gigabytes such as 16GB; got '{text}'.");
    }
}
