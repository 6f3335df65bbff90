using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

static class NativeError
{
    /// <summary>Throws what libtorch last complained about on this thread, if anything.</summary>
    /// <exception cref="ExternalException">As TorchSharp does, with libtorch's message.</exception>
    public static void ThrowIfAny()
    {
        if (Native.Text(Native.imagic_take_error()) is { } message)
#pragma warning disable CA2201 // TorchSharp throws exactly this type, and code that catches it is to catch ours.
            throw new ExternalException(message);
#pragma warning restore CA2201
    }

    /// <summary>Passes on the result of a call that answers -1 for a failure.</summary>
    public static long Checked(long result)
    {
        if (result < 0)
            ThrowIfAny();
        return result;
    }
}
