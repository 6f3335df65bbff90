using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        /// <summary>Tensors handed out by the native side and not yet disposed, in the whole process.</summary>
        public static long TotalCount => Native.imagic_live_tensors();

        public long[] shape => size();

        public long ndim => Native.imagic_dim(this);

        public long Dimensions => ndim;

        public long NumberOfElements => numel();

        public long ElementSize => element_size();

        public ScalarType dtype => (ScalarType)Native.imagic_dtype(this);

        public Device device => new(device_type, device_index);

        public DeviceType device_type => (DeviceType)Native.imagic_device(this).Type;

        public int device_index => Native.imagic_device(this).Index;

        public bool is_cuda => device_type == DeviceType.CUDA;

        public long dim() => ndim;

        public long numel() => Native.imagic_numel(this);

        public long element_size() => Native.imagic_element_size(this);

        public long[] size()
        {
            var sizes = new long[ndim];
            Native.imagic_sizes(this, sizes);
            return sizes;
        }

        public long size(int dim) => shape[Axis(dim)];

        public long[] stride()
        {
            var strides = new long[ndim];
            Native.imagic_strides(this, strides);
            return strides;
        }

        public long stride(int dim) => stride()[Axis(dim)];

        public long storage_offset() => Native.imagic_storage_offset(this);

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_contiguous() => Native.imagic_is_contiguous(this);

        public bool is_pinned() => Native.imagic_is_pinned(this);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        /// <summary>The memory of a contiguous CPU tensor; valid while the tensor lives.</summary>
        /// <exception cref="InvalidOperationException">Not on the CPU, not contiguous, or over 2 GB.</exception>
        public unsafe Span<byte> bytes
        {
            get
            {
                var length = numel() * element_size();
                if (!is_cpu() || !is_contiguous() || length > int.MaxValue)
                    throw new InvalidOperationException(
                        $"bytes needs a contiguous CPU tensor of at most {int.MaxValue} bytes, this is {this}, "
                        + $"{(is_contiguous() ? "" : "not ")}contiguous, of {length}: use cpu(), contiguous(), narrow().");
                return new((void*)Native.imagic_data(this), (int)length);
            }
            set
            {
                if (value.Length != numel() * element_size())
                    throw new ArgumentException($"{this} takes {numel() * element_size()} bytes, not {value.Length}.");
                value.CopyTo(bytes);
            }
        }

        public Utils.TensorAccessor<T> data<T>() where T : unmanaged => new(this);

        /// <summary>The only element of a tensor on any device.</summary>
        public T item<T>() where T : unmanaged
        {
            if (numel() != 1)
                throw new ArgumentException($"item() needs a tensor of one element, this is {this}.");
            using var here = cpu();
            Span<T> value = stackalloc T[1];
            here.data<T>().CopyTo(value);
            return value[0];
        }

        int Axis(int dim) => dim < 0 ? dim + (int)ndim : dim;
    }

    internal static ScalarType ScalarTypeOf<T>() where T : unmanaged => default(T) switch
    {
        byte => ScalarType.Byte,
        sbyte => ScalarType.Int8,
        short => ScalarType.Int16,
        int => ScalarType.Int32,
        long => ScalarType.Int64,
        Half => ScalarType.Float16,
        float => ScalarType.Float32,
        double => ScalarType.Float64,
        bool => ScalarType.Bool,
        _ => throw new NotSupportedException($"No tensor element type corresponds to {typeof(T).Name}."),
    };
}
