using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.Interop;

/// <summary>
/// The flat C interface of native/, one declaration per export and in its files' order.
/// libimagic_torch.so lies beside the program; it brings libtorch along.
/// </summary>
static partial class Native
{
    const string Library = "imagic_torch";

    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Library) return 0;
        var library = Load(Path.Combine(AppContext.BaseDirectory, "libimagic_torch.so"));
        unsafe
        {
            // By address: a declared import would be resolved, and so come here again.
            var check = (delegate* unmanaged<byte>)NativeLibrary.GetExport(library, "imagic_check_onednn");
            OneDnnIsRight = check() != 0;
        }

        return library;
    }

    /// <summary>Whether oneDNN computes convolutions rightly here; where it does not, it is switched off.</summary>
    internal static bool OneDnnIsRight { get; private set; } = true;

    /// <exception cref="DllNotFoundException">With the loader's reason and what to do about it.</exception>
    internal static nint Load(string path)
    {
        // How often a thread of libgomp looks again before it sleeps; read when it is loaded. By default it looks for
        // milliseconds and so takes the processor from the thread it waits for as soon as anything else runs on the
        // machine: a step then takes ten times as long. Sleeping at once costs half the speed on an idle machine.
        SetEnvironment("GOMP_SPINCOUNT", "1000", overwrite: 0);
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (DllNotFoundException error)
        {
            // The loader's first line is general advice; the next name the file that it did not find or understand.
            var reason = string.Join(' ', error.Message.Split('\n', StringSplitOptions.TrimEntries).Skip(1)).Trim();
            throw new DllNotFoundException(
                $"The tensor library cannot be loaded: {reason}. Run `./imagic setup`, which installs libtorch and "
                + "builds the library, then build again.", error);
        }
    }

    // Environment.SetEnvironmentVariable changes what managed code sees, not what native libraries read.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    internal static string? Text(nint utf8) => Marshal.PtrToStringUTF8(utf8);
}
