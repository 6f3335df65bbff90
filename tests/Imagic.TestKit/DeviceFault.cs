using System.Runtime.InteropServices;
using Imagic.Editing.Stages;

namespace Imagic.TestKit;

/// <summary>What libtorch throws by way of TorchSharp, which has no type of its own for it.</summary>
public sealed class DeviceFaultException(string message) : ExternalException(message);

/// <summary>A device without memory at one event of a stage, and from then on.</summary>
/// <param name="nth">1 for the first event.</param>
public sealed class DeviceFault(int nth) : IProgress<StageEvent>
{
    private int _events;

    /// <summary>Events seen.</summary>
    public int Events => Volatile.Read(ref _events);

    /// <inheritdoc/>
    public void Report(StageEvent value)
    {
        if (Interlocked.Increment(ref _events) >= nth) throw new DeviceFaultException("CUDA out of memory. Tried to allocate 2.00 GiB (injected).");
    }
}
