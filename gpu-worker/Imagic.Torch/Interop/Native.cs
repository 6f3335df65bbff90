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
        if (name != Library)
            return 0;
        var path = Path.Combine(AppContext.BaseDirectory, "libimagic_torch.so");
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (DllNotFoundException reason)
        {
            throw new DllNotFoundException(
                $"{path} {(File.Exists(path) ? "cannot be loaded" : "is missing")}. Run ./imagic setup, which installs "
                + $"libtorch, builds the library and rebuilds the program. ({reason.Message})", reason);
        }
    }

    internal static string? Text(nint utf8) => Marshal.PtrToStringUTF8(utf8);
}
