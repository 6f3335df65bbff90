using System.CommandLine;
using Imagic.Worker.Models;
using static TorchSharp.torch;

namespace Imagic.Worker;

/// <summary>What models compute with.</summary>
/// <param name="Device">Where.</param>
/// <param name="Dtype">What the UNet computes in.</param>
/// <param name="Threads">CPU threads.</param>
public readonly record struct ComputeOptions(Device Device, ScalarType Dtype, int Threads);

/// <summary>The part of a command line that says what models compute with.</summary>
public sealed class ComputeArguments
{
    private const int MaxThreads = 1024;

    private readonly Option<string> _device = new("--device") { Description = Devices.Choices, DefaultValueFactory = _ => "auto" };
    private readonly Option<int> _threads = new("--threads") { Description = "CPU threads; the same bytes are promised for the same number", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<Precision?> _precision = EnumOption.Create<Precision>("--precision", "What the UNet computes in, with float32 masters either way");

    public IReadOnlyList<Option> All => [_device, _threads, _precision];

    /// <summary>Reads and checks them.</summary>
    /// <exception cref="BadInputException">A value is out of range, or this machine has no such device.</exception>
    public ComputeOptions Read(ParseResult parsed)
    {
        var threads = parsed.GetValue(_threads);
        if (threads is < 1 or > MaxThreads) throw new BadInputException($"--threads must lie in 1 to {MaxThreads}.");
        return new(Devices.Parse(parsed.GetRequiredValue(_device)), (parsed.GetValue(_precision) ?? Precision.Float32).ToScalarType(), threads);
    }
}
