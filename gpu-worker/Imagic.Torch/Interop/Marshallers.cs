using System.Runtime.InteropServices.Marshalling;

namespace TorchSharp.Interop;

/// <summary>
/// Lets native calls be declared with <see cref="torch.Tensor"/> itself. An argument stays alive until the call
/// returns; a result is wrapped and joins the current dispose scope; a failed call throws instead of returning.
/// </summary>
[CustomMarshaller(typeof(torch.Tensor), MarshalMode.ManagedToUnmanagedIn, typeof(Argument))]
[CustomMarshaller(typeof(torch.Tensor), MarshalMode.ManagedToUnmanagedOut, typeof(Result))]
static class TensorMarshaller
{
    public ref struct Argument
    {
        torch.Tensor? _tensor;

        public void FromManaged(torch.Tensor? tensor) => _tensor = tensor;

        public readonly nint ToUnmanaged() => _tensor?.Handle ?? 0;

        public readonly void Free() => GC.KeepAlive(_tensor);
    }

    public static class Result
    {
        /// <summary>Null where libtorch has no tensor to give (such as <c>grad</c> before <c>backward</c>).</summary>
        public static torch.Tensor? ConvertToManaged(nint handle)
        {
            if (handle != 0)
                return new torch.Tensor(handle);
            NativeError.ThrowIfAny();
            return null;
        }
    }
}

[CustomMarshaller(typeof(torch.Generator), MarshalMode.ManagedToUnmanagedIn, typeof(Argument))]
static class GeneratorMarshaller
{
    public ref struct Argument
    {
        torch.Generator? _generator;

        public void FromManaged(torch.Generator? generator) => _generator = generator;

        public readonly nint ToUnmanaged() => _generator?.Handle ?? 0;

        public readonly void Free() => GC.KeepAlive(_generator);
    }
}

[CustomMarshaller(typeof(Scalar), MarshalMode.ManagedToUnmanagedIn, typeof(ScalarMarshaller))]
static class ScalarMarshaller
{
    public static NativeScalar ConvertToUnmanaged(Scalar? scalar) => scalar?.Value ?? default;
}

[CustomMarshaller(typeof(torch.Device), MarshalMode.ManagedToUnmanagedIn, typeof(DeviceMarshaller))]
static class DeviceMarshaller
{
    public static NativeDevice ConvertToUnmanaged(torch.Device? device) => NativeDevice.From(device);
}

/// <summary>What a call without a result returns: success, or an exception while it is marshalled back.</summary>
[NativeMarshalling(typeof(StatusMarshaller))]
readonly struct Status;

[CustomMarshaller(typeof(Status), MarshalMode.ManagedToUnmanagedOut, typeof(StatusMarshaller))]
static class StatusMarshaller
{
    public static Status ConvertToManaged(int code)
    {
        if (code != 0)
            NativeError.ThrowIfAny();
        return default;
    }
}
