using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Imagic.Tests;

/// <summary>
/// A shell without job control starts its background commands with SIGINT ignored, and they hand that on to all that they
/// start. Programs under test that are sent it must get it, so it is put back to what it is in a terminal.
/// </summary>
internal static partial class DefaultInterrupt
{
    private const int Interrupt = 2;

    [ModuleInitializer]
    public static void Restore()
    {
        if (OperatingSystem.IsLinux() && IsIgnored()) Signal(Interrupt, IntPtr.Zero);
    }

    private static bool IsIgnored()
    {
        const string Field = "SigIgn:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return (ulong.Parse(line[Field.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1 << (Interrupt - 1))) != 0;
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial IntPtr Signal(int number, IntPtr handler);
}
