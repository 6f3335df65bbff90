using System.Runtime.InteropServices;

namespace Imagic.Imaging.Vips;

/// <summary>Owns one reference to a VipsImage: a recipe for pixels, computed when they are written out.</summary>
sealed unsafe class VipsImage : SafeHandle
{
    const int UnsignedBytes = 0; // VIPS_FORMAT_UCHAR

    public VipsImage(nint reference) : base(0, ownsHandle: true) =>
        SetHandle(reference != 0 ? reference : throw VipsException.Take());

    /// <summary>Wraps pixels without copying: they must stay where they are until the image is disposed.</summary>
    public static VipsImage Over(void* pixels, int width, int height, int bands) => new(LibVips.vips_image_new_from_memory(
        pixels, (nuint)((long)width * height * bands), width, height, bands, UnsignedBytes));

    public override bool IsInvalid => handle == 0;

    public int Width => LibVips.vips_image_get_width(this);

    public int Height => LibVips.vips_image_get_height(this);

    /// <summary>Where the first row stands below the origin of what was drawn.</summary>
    public int Top => LibVips.vips_image_get_yoffset(this);

    public int Bands => LibVips.vips_image_get_bands(this);

    public bool HasProfile => LibVips.vips_image_get_typeof(this, "icc-profile-data") != 0;

    /// <summary>Computes all pixels.</summary>
    public byte[] ToPixels()
    {
        var pixels = LibVips.vips_image_write_to_memory(this, out var length);
        if (pixels is null)
            throw VipsException.Take();
        try
        {
            return new ReadOnlySpan<byte>(pixels, checked((int)length)).ToArray();
        }
        finally
        {
            LibVips.g_free(pixels);
        }
    }

    protected override bool ReleaseHandle()
    {
        LibVips.g_object_unref(handle);
        return true;
    }
}
