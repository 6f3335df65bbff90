using System.Runtime.InteropServices;

namespace Imagic.Imaging.Vips;

/// <summary>libvips refused an operation, in its own words. Its error buffer is one for the process, so when two threads
/// fail at once a message may name the other's trouble: for the log, never for a decision.</summary>
sealed class VipsException(string message) : InvalidOperationException(message)
{
    /// <summary>Takes the collected messages and clears the buffer, which would grow otherwise.</summary>
    public static unsafe string TakeMessage()
    {
        var message = LibVips.vips_error_buffer_copy();
        try
        {
            return Marshal.PtrToStringUTF8((nint)message)?.Trim() ?? "";
        }
        finally
        {
            LibVips.g_free(message);
        }
    }

    public static VipsException Take() => new(TakeMessage());
}
