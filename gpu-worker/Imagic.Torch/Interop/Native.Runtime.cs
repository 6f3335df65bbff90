using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>native/runtime.cpp</summary>
static partial class Native
{
    [LibraryImport(Library)] internal static partial void imagic_dispose(nint x);
    [LibraryImport(Library)] internal static partial long imagic_live_tensors();
    [LibraryImport(Library)] internal static partial nint imagic_take_error();
    [LibraryImport(Library)] internal static partial nint imagic_version();
    [LibraryImport(Library)] internal static partial nint imagic_show_config();
    [LibraryImport(Library)] internal static partial nint imagic_parallel_info();
    [LibraryImport(Library)] internal static partial int imagic_num_threads();
    [LibraryImport(Library)] internal static partial Status imagic_set_num_threads(int count);
    [LibraryImport(Library)] internal static partial int imagic_num_interop_threads();
    [LibraryImport(Library)] internal static partial Status imagic_set_num_interop_threads(int count);
    [LibraryImport(Library)] internal static partial Flag imagic_allow_tf32_cublas();
    [LibraryImport(Library)] internal static partial Status imagic_set_allow_tf32_cublas(Flag allow);
    [LibraryImport(Library)] internal static partial Flag imagic_allow_tf32_cudnn();
    [LibraryImport(Library)] internal static partial Status imagic_set_allow_tf32_cudnn(Flag allow);
    [LibraryImport(Library)] internal static partial Flag imagic_cuda_is_available();
    [LibraryImport(Library)] internal static partial Flag imagic_cudnn_is_available();
    [LibraryImport(Library)] internal static partial int imagic_cuda_device_count();
    [LibraryImport(Library)] internal static partial Status imagic_cuda_synchronize(int index);
    [LibraryImport(Library)] internal static partial Status imagic_cuda_manual_seed_all(long seed);
    [LibraryImport(Library)] internal static partial Status imagic_manual_seed(long seed);
    [LibraryImport(Library)] internal static partial nint imagic_generator_new(Device? device, long seed);
    [LibraryImport(Library)] internal static partial nint imagic_generator_default(Device? device);
    [LibraryImport(Library)] internal static partial void imagic_generator_dispose(nint x);
    [LibraryImport(Library)] internal static partial Status imagic_generator_set_seed(Generator generator, long seed);
    [LibraryImport(Library)] internal static partial long imagic_generator_initial_seed(Generator generator);
    [LibraryImport(Library)] internal static partial long imagic_generator_seed(Generator generator);
    [LibraryImport(Library)] internal static partial Tensor imagic_generator_get_state(Generator generator);
    [LibraryImport(Library)] internal static partial Status imagic_generator_set_state(
        Generator generator, Tensor state);
}
