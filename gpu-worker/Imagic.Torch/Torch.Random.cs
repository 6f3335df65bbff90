using System.Runtime.InteropServices.Marshalling;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers on one device.</summary>
    [NativeMarshalling(typeof(GeneratorMarshaller))]
    public class Generator : IDisposable
    {
        nint _handle;

        public Generator(ulong seed = 0, Device? device = null)
            : this(Native.imagic_generator_new(device, unchecked((long)seed)), InitializeDevice(device))
        {
        }

        Generator(nint handle, Device device)
        {
            if (handle == 0)
                NativeError.ThrowIfAny();
            (_handle, this.device) = (handle, device);
        }

#pragma warning disable MA0055 // Forgotten native memory must not leak; a SafeHandle would be a second object each.
        ~Generator() => Dispose(false);
#pragma warning restore MA0055

        /// <summary>The CPU's own generator, which <see cref="torch.manual_seed"/> seeds.</summary>
        public static Generator Default => new(Native.imagic_generator_default(CPU), CPU);

        public nint Handle
        {
            get
            {
                ObjectDisposedException.ThrowIf(_handle == 0, this);
                return _handle;
            }
        }

        public Device device { get; }

        public Generator manual_seed(long seed)
        {
            Native.imagic_generator_set_seed(this, seed);
            return this;
        }

        public long initial_seed() => Native.imagic_generator_initial_seed(this);

        /// <summary>Seeds from the system's entropy and returns that seed.</summary>
        public long seed() => Native.imagic_generator_seed(this);

        public Tensor get_state() => Native.imagic_generator_get_state(this);

        public void set_state(Tensor value) => Native.imagic_generator_set_state(this, value);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _handle, 0) is not 0 and var handle)
                Native.imagic_generator_dispose(handle);
        }
    }

    /// <summary>Seeds the default generators of all devices.</summary>
    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static partial class random
    {
        public static Generator manual_seed(long seed)
        {
            Native.imagic_manual_seed(seed);
            return Generator.Default;
        }

        public static long initial_seed()
        {
            using var generator = Generator.Default;
            return generator.initial_seed();
        }

        public static Tensor get_rng_state()
        {
            using var generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var generator = Generator.Default;
            generator.set_state(new_state);
        }
    }
}
