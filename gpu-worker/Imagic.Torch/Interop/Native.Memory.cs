using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>native/memory.cpp</summary>
static partial class Native
{
    [LibraryImport(Library)] internal static partial long imagic_cpu_bytes();
    [LibraryImport(Library)] internal static partial long imagic_cpu_peak_bytes();
    [LibraryImport(Library)] internal static partial void imagic_reset_cpu_peak();
    [LibraryImport(Library)] internal static partial long imagic_cuda_peak_bytes(int index);
}
