using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Editing.Memory;

/// <summary>How much memory a device has left.</summary>
public static class DeviceMemory
{
    /// <summary>Bytes that this process can have there.</summary>
    /// <param name="device">The device.</param>
    /// <param name="ofThis">Bytes of them that it has already.</param>
    public static long Available(Device device, long ofThis) =>
        ofThis + (device.type == DeviceType.CPU ? OfTheHost() : (long)OnCuda().Free);

    /// <summary>Bytes on the GPU whose context libtorch made current on this thread.</summary>
    /// <exception cref="IOException">The driver cannot say.</exception>
    public static (ulong Free, ulong Total) OnCuda()
    {
        var status = MemGetInfo(out var free, out var total);
        return status == 0 ? (free, total) : throw new IOException($"The CUDA driver cannot say how much memory is free (error {status}).");
    }

    private static long OfTheHost()
    {
        const string Key = "MemAvailable:";
        var line = File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
        return line is null
            ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes
            : long.Parse(line[Key.Length..^"kB".Length], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }

    [DllImport("libcuda.so.1", EntryPoint = "cuMemGetInfo_v2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MemGetInfo(out nuint free, out nuint total);
}
