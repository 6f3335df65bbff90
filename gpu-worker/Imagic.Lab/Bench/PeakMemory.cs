using System.Diagnostics;
using Imagic.Editing.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Lab.Bench;

/// <summary>The most memory that this process has held on a device so far.</summary>
internal sealed class PeakMemory
{
    private readonly ulong? _usedBefore;

    /// <summary>Looks at the device before this process puts anything there.</summary>
    public PeakMemory(Device device)
    {
        if (device.type != DeviceType.CUDA) return;
        using var context = zeros(1, device: device);
        cuda.synchronize(device);
        _usedBefore = DeviceMemoryInUse();
    }

    /// <summary>
    /// MiB. On the CPU the largest resident set (VmHWM), runtime and libraries included. On CUDA what libtorch's
    /// allocator has taken from the device since the start; it gives nothing back, so that is its peak. Nobody else
    /// may use that device meanwhile.
    /// </summary>
    public double Mib()
    {
        if (_usedBefore is { } before) return (DeviceMemoryInUse() - before) / (double)(1 << 20);
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64 / (double)(1 << 20);
    }

    private static ulong DeviceMemoryInUse()
    {
        var (free, total) = DeviceMemory.OnCuda();
        return total - free;
    }
}
