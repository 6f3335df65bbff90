using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>NVIDIA devices. All of it is safe to ask on a machine without one.</summary>
    public static partial class cuda
    {
        public static bool is_available() => Native.imagic_cuda_is_available();

        public static bool is_cudnn_available() => Native.imagic_cudnn_is_available();

        public static int device_count() => Native.imagic_cuda_device_count();

        public static void manual_seed_all(long seed) => Native.imagic_cuda_manual_seed_all(seed);

        /// <summary>Waits until the device has done what it was asked.</summary>
        public static void synchronize(Device? device = null) => Native.imagic_cuda_synchronize(device?.index ?? -1);
    }

    public static partial class backends
    {
        public static partial class cuda
        {
            public static partial class matmul
            {
                /// <summary>Whether float32 matrix products may use TensorFloat-32 (10-bit mantissa).</summary>
                public static bool allow_tf32
                {
                    get => Native.imagic_allow_tf32_cublas();
                    set => Native.imagic_set_allow_tf32_cublas(value);
                }
            }
        }

        public static partial class cudnn
        {
            /// <summary>Whether float32 convolutions may use TensorFloat-32 (10-bit mantissa).</summary>
            public static bool allow_tf32
            {
                get => Native.imagic_allow_tf32_cudnn();
                set => Native.imagic_set_allow_tf32_cudnn(value);
            }
        }
    }

    public static string __version__ => Native.Text(Native.imagic_version())!;

    public static int get_num_threads() => Native.imagic_num_threads();

    public static void set_num_threads(int num) => Native.imagic_set_num_threads(num);

    public static int get_num_interop_threads() => Native.imagic_num_interop_threads();

    public static void set_num_interop_threads(int num) => Native.imagic_set_num_interop_threads(num);
}
