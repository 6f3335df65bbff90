using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>What this binding offers beyond TorchSharp. Model code does not use it.</summary>
public static class ImagicTorch
{
    /// <summary>Tensors handed out by the native side and not yet disposed, in the whole process.</summary>
    public static long LiveTensors => Native.imagic_live_tensors();

    /// <summary>How libtorch was built: compiler, BLAS, oneDNN, CUDA.</summary>
    public static string BuildInfo => Native.Text(Native.imagic_show_config())!;

    /// <summary>Threads in use and who manages them.</summary>
    public static string ParallelInfo => Native.Text(Native.imagic_parallel_info())!;
}
