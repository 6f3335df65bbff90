using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Diffusion;

/// <summary>Loads libtorch with what has to be settled before its first use. Every program and every test starts here.</summary>
public static partial class TorchLibrary
{
    private static readonly Lazy<bool> Loaded = new(() =>
    {
        if (OperatingSystem.IsLinux())
        {
            // Threads that wait for work would spin for milliseconds: beside one busy process a step took 50 times as long.
            SetDefault("GOMP_SPINCOUNT", "1000");
            // Where NNPACK does not know the processor, each convolution would write a warning.
            SetDefault("TORCH_CPP_LOG_LEVEL", "ERROR");
            // Every step frees what the next one asks for again: given back to the system it would be cleared each time,
            // which took a quarter of a training step.
            _ = SetAllocator(MmapThreshold, 32 << 20);
            _ = SetAllocator(TrimThreshold, int.MaxValue);
            _ = SetAllocator(TopPad, 64 << 20);
        }

        InitializeDeviceType(DeviceType.CPU);
        if (OperatingSystem.IsLinux()) ReadLogLevel();
        return UsesOneDnn(ConvolutionCheck.Passes, SwitchOneDnnOff);
    });

    /// <summary>
    /// Whether libtorch computes with oneDNN. Where even the convolutions that <see cref="Layers.Convolution"/> leaves
    /// to it are wrong it is switched off, and convolutions take three times as long.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">It is wrong and cannot be switched off.</exception>
    public static bool HasOneDnn => Loaded.Value;

    /// <summary>Loads libtorch, once.</summary>
    /// <param name="threads">
    /// Threads that the calling thread's operations are shared among; libtorch's own guess is 1 on many virtual machines.
    /// </param>
    /// <exception cref="PlatformNotSupportedException">It computes wrong numbers on this processor.</exception>
    public static void Load(int? threads = null)
    {
        _ = Loaded.Value;
        if (threads is { } count) set_num_threads(count);
    }

    /// <summary>
    /// Has the calling thread share its operations among <paramref name="threads"/>. The number belongs to a thread, and
    /// sums that are shared otherwise have other last digits: to be called where an await may have changed the thread.
    /// </summary>
    public static void UseThreads(int threads)
    {
        if (get_num_threads() != threads) set_num_threads(threads);
    }

    /// <summary>
    /// Ends the process at once, while another thread still computes: what a normal end destroys is in that thread's use,
    /// which crashed about every second time.
    /// </summary>
    [DoesNotReturn]
    public static void ExitWhileComputing(int code)
    {
        if (OperatingSystem.IsLinux()) ExitNow(code);
        Environment.Exit(code);
    }

    /// <summary>Whether oneDNN passes; where it does not, it is off from here on.</summary>
    internal static bool UsesOneDnn(Func<bool> passes, Action switchOff)
    {
        if (passes()) return true;
        try
        {
            switchOff();
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            throw Wrong(exception);
        }

        return passes() ? false : throw Wrong(null);
    }

    private static PlatformNotSupportedException Wrong(Exception? cause) => new(
        "libtorch computes wrong gradients of convolutions on this processor, so every edit would fail or be wrong. "
        + "Set the environment variable ONEDNN_MAX_CPU_ISA to AVX, or to SSE41 if that does not help.", cause);

    private static void SetDefault(string name, string value) => _ = SetEnvironment(name, value, overwrite: 0);

    private static void SwitchOneDnnOff() => SetUserEnabledMkldnn(GlobalContext(), false);

    // .NET's own does not reach the environment that C reads.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);

    private const int TrimThreshold = -1, TopPad = -2, MmapThreshold = -3; // malloc.h

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);

    // Of libtorch itself, by their C++ names: TorchSharp has no function for them.

    /// <summary>void c10::initLogging()</summary>
    [LibraryImport("libc10", EntryPoint = "_ZN3c1011initLoggingEv")]
    private static partial void ReadLogLevel();

    /// <summary>at::Context&amp; at::globalContext()</summary>
    [LibraryImport("libtorch_cpu", EntryPoint = "_ZN2at13globalContextEv")]
    private static partial nint GlobalContext();

    /// <summary>void at::Context::setUserEnabledMkldnn(bool)</summary>
    [LibraryImport("libtorch_cpu", EntryPoint = "_ZN2at7Context20setUserEnabledMkldnnEb")]
    private static partial void SetUserEnabledMkldnn(nint context, [MarshalAs(UnmanagedType.U1)] bool isEnabled);
}
