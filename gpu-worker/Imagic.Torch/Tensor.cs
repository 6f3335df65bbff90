using System.Runtime.InteropServices.Marshalling;
using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>
/// libtorch under TorchSharp's names: names, argument order, defaults and semantics are TorchSharp's, and behind them
/// torch's (https://pytorch.org/docs). Comments say only what is particular here.
/// </summary>
public static partial class torch
{
    /// <summary>
    /// A native tensor. It is released by <see cref="Dispose"/>, by the <see cref="DisposeScope"/> that owns it, or at
    /// the latest by the finalizer. Failures of libtorch surface as
    /// <see cref="System.Runtime.InteropServices.ExternalException"/> with libtorch's message.
    /// </summary>
    [NativeMarshalling(typeof(TensorMarshaller))]
    public sealed partial class Tensor : IDisposable
    {
        nint _handle;

        internal Tensor(nint handle)
        {
            _handle = handle;
            DisposeScope.Current?.Attach(this);
        }

#pragma warning disable MA0055 // Forgotten native memory must not leak; a SafeHandle would be a second object each.
        ~Tensor() => Release();
#pragma warning restore MA0055

        internal DisposeScope? OwningDisposeScope { get; set; }

        public nint Handle
        {
            get
            {
                ObjectDisposedException.ThrowIf(_handle == 0, this);
                return _handle;
            }
        }

        public bool IsInvalid => _handle == 0;

        public void Dispose()
        {
            OwningDisposeScope?.MarkAsDisposed(this);
            Release();
            GC.SuppressFinalize(this);
        }

        /// <summary>Leaves the scope that owns it for the one around that.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            OwningDisposeScope?.MoveToOther(other, this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public override string ToString() =>
            IsInvalid ? "[disposed]" : $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";

        void Release()
        {
            if (Interlocked.Exchange(ref _handle, 0) is not 0 and var handle)
                Native.imagic_dispose(handle);
        }
    }
}
