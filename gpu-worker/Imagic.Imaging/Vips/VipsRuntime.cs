using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Imagic.Imaging.Vips;

/// <summary>Starts libvips once, closed to everything that is not needed.</summary>
static unsafe class VipsRuntime
{
    static readonly string[] AllowedLoaders =
    [
        "VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer",
        "VipsForeignLoadHeifBuffer", "VipsForeignLoadNsgifBuffer",
    ];

    static readonly string[] AllowedSavers =
        ["VipsForeignSaveJpegBuffer", "VipsForeignSavePngBuffer", "VipsForeignSaveWebpBuffer"];

    static readonly Lazy<bool> Started = new(Start);

    /// <exception cref="DllNotFoundException">libvips is not beside the program.</exception>
    public static void EnsureStarted() => _ = Started.Value;

    /// <summary>Bytes of pixel memory that libvips holds; 0 when no operation is under way.</summary>
    public static long TrackedBytes => (long)LibVips.vips_tracked_get_mem();

    /// <summary>Pixel buffers that libvips holds.</summary>
    public static int TrackedAllocations => LibVips.vips_tracked_get_allocs();

    static bool Start()
    {
        _ = LibVips.g_setenv("VIPS_DISC_THRESHOLD", "1024g", overwrite: 1); // no picture goes to a temporary file
        if (LibVips.vips_init("imagic") != 0)
            throw new InvalidOperationException($"libvips does not start: {VipsException.TakeMessage()}");
        LibVips.vips_cache_set_max(0); // pictures do not come twice; a cache would only keep their pixels
        LibVips.vips_concurrency_set(1); // decoding is a side task: the cores belong to the model
        LibVips.vips_block_untrusted_set(1);
        LibVips.vips_operation_block_set("VipsForeign", 1);
        foreach (var name in (IEnumerable<string>)[.. AllowedLoaders, .. AllowedSavers])
            LibVips.vips_operation_block_set(name, 0);
        foreach (var domain in (IEnumerable<string>)["VIPS", "Pango", "GLib-GObject"])
            LibVips.g_log_set_handler(domain, WarningsAndBelow, &Ignore, null);
        return true;
    }

    /// <summary>GLib's level bits: warning 16, message 32, info 64, debug 128. Errors and criticals stay loud.</summary>
    const int WarningsAndBelow = 16 | 32 | 64 | 128;

    /// <summary>Damaged pictures are reported by exceptions; libvips's warnings about them would fill standard error.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void Ignore(byte* domain, int level, byte* message, void* data)
    {
    }
}
