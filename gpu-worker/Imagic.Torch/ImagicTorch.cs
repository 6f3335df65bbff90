using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>What this binding offers beyond TorchSharp. Model code does not use it.</summary>
public static class ImagicTorch
{
    /// <summary>Bytes that CPU tensors, and what autograd keeps of them, hold now.</summary>
    public static long CpuBytes => Native.imagic_cpu_bytes();

    /// <summary>The most of <see cref="CpuBytes"/> since <see cref="ResetCpuPeak"/>.</summary>
    public static long PeakCpuBytes => Native.imagic_cpu_peak_bytes();

    /// <summary>How libtorch was built: compiler, BLAS, oneDNN, CUDA.</summary>
    public static string BuildInfo => Native.Text(Native.imagic_show_config())! + (Native.OneDnnIsRight ? ""
        : "  - oneDNN is switched off: in this build of libtorch it computes wrong gradients of convolutions\n");

    /// <summary>Threads in use and who manages them.</summary>
    public static string ParallelInfo => Native.Text(Native.imagic_parallel_info())!;

    public static void ResetCpuPeak() => Native.imagic_reset_cpu_peak();

    /// <summary>The most bytes that tensors on a GPU have held at once; null where the build cannot tell.</summary>
    public static long? PeakCudaBytes(int device = 0) =>
        Native.imagic_cuda_peak_bytes(device) is >= 0 and var bytes ? bytes : null;
}
