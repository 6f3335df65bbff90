using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Copies and conversions. With <c>disposeAfter</c> the tensor is disposed once it is converted.</summary>
    public sealed partial class Tensor
    {
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(type, null, copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(null, device, copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(null, new(device), copy, disposeAfter, non_blocking);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false,
            bool non_blocking = false) =>
            Converted(null, new(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false,
            bool non_blocking = false) =>
            Converted(type, device, copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false) =>
            Converted(other.dtype, other.device, copy: false, disposeAfter: false, non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false,
            bool non_blocking = false) =>
            Converted(type, null, copy, disposeAfter, non_blocking);

        public Tensor type(ScalarType dtype) => to_type(dtype);

        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        public Tensor cpu() => to(CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) =>
            to(device ?? CUDA, non_blocking: non_blocking);

        public Tensor @bool() => to_type(ScalarType.Bool);

        public Tensor @byte() => to_type(ScalarType.Byte);

        public Tensor @int() => to_type(ScalarType.Int32);

        public Tensor @long() => to_type(ScalarType.Int64);

        public Tensor half() => to_type(ScalarType.Float16);

        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        public Tensor clone() => Native.imagic_clone(this);

        public Tensor pin_memory() => Native.imagic_pin_memory(this);

        public Tensor copy_(Tensor source, bool nonBlocking = false)
        {
            Native.imagic_copy_(this, source, nonBlocking);
            return this;
        }

        /// <summary>From now on this tensor is another view of the memory of <paramref name="source"/>.</summary>
        public Tensor set_(Tensor source)
        {
            Native.imagic_set_(this, source);
            return this;
        }

        public Tensor fill_(Scalar value)
        {
            Native.imagic_fill_(this, value);
            return this;
        }

        public Tensor zero_()
        {
            Native.imagic_zero_(this);
            return this;
        }

        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null)
        {
            Native.imagic_normal_(this, mean, std, generator);
            return this;
        }

        public Tensor uniform_(double from, double to, Generator? generator = null)
        {
            Native.imagic_uniform_(this, from, to, generator);
            return this;
        }

        Tensor Converted(ScalarType? type, Device? device, bool copy, bool disposeAfter, bool non_blocking)
        {
            var result = Native.imagic_to(this, type.Code(), device, non_blocking, copy);
            if (disposeAfter)
                Dispose();
            return result;
        }
    }
}
