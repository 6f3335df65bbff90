using System.Runtime.InteropServices;

namespace Imagic.Imaging.Vips;

/// <summary>One libvips operation: named, given its arguments, run once.
/// <code>using var image = new VipsOperation("flatten").Set("in", source).Set("background", "255").ToImage();</code>
/// Running it also disposes of it.</summary>
sealed unsafe class VipsOperation : SafeHandle
{
    public VipsOperation(string name) : base(0, ownsHandle: true)
    {
        VipsRuntime.EnsureStarted();
        var operation = LibVips.vips_operation_new(name);
        SetHandle(operation != 0 ? operation : throw VipsException.Take());
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>A number, an enumeration's nickname, numbers separated by blanks, or text. Never for an image argument:
    /// libvips would take the string as the name of a file.</summary>
    public VipsOperation Set(string argument, string value) =>
        LibVips.vips_object_set_argument_from_string(this, argument, value) == 0 ? this : throw Failed();

    public VipsOperation Set(string argument, int value) => Set(argument, value.ToString());

    public VipsOperation Set(string argument, VipsImage image)
    {
        GValue value = default;
        LibVips.g_value_init(&value, LibVips.vips_image_get_type());
        LibVips.g_value_set_object(&value, image);
        LibVips.g_object_set_property(this, argument, &value);
        LibVips.g_value_unset(&value);
        return this;
    }

    /// <summary>Encoded bytes; not copied, so they must stay where they are until the resulting image is disposed.</summary>
    public VipsOperation Set(string argument, byte* bytes, int length)
    {
        var blob = LibVips.vips_blob_new(0, bytes, (nuint)length);
        GValue value = default;
        LibVips.g_value_init(&value, LibVips.vips_blob_get_type());
        LibVips.g_value_set_boxed(&value, blob);
        LibVips.g_object_set_property(this, argument, &value);
        LibVips.g_value_unset(&value);
        LibVips.vips_area_unref(blob);
        return this;
    }

    /// <summary>Runs the operation; the image is its output "out".</summary>
    public VipsImage ToImage() => Run("out", LibVips.vips_image_get_type(),
        static value => new VipsImage(LibVips.g_value_dup_object((GValue*)value)));

    /// <summary>Runs the operation; the bytes are its output "buffer".</summary>
    public byte[] ToBytes() => Run("buffer", LibVips.vips_blob_get_type(), static value =>
    {
        var bytes = LibVips.vips_blob_get(LibVips.g_value_get_boxed((GValue*)value), out var length);
        return new ReadOnlySpan<byte>(bytes, checked((int)length)).ToArray();
    });

    T Run<T>(string output, nuint type, Func<nint, T> read)
    {
        var built = LibVips.vips_cache_operation_build(this);
        if (built == 0)
            throw Failed();
        GValue value = default;
        LibVips.g_value_init(&value, type);
        try
        {
            LibVips.g_object_get_property(built, output, &value);
            return read((nint)(&value));
        }
        finally
        {
            LibVips.g_value_unset(&value);
            LibVips.vips_object_unref_outputs(built);
            LibVips.g_object_unref(built);
            Dispose();
        }
    }

    VipsException Failed()
    {
        var failure = VipsException.Take();
        if (!IsInvalid)
            LibVips.vips_object_unref_outputs(handle); // a half-built operation holds its partial results
        Dispose();
        return failure;
    }

    protected override bool ReleaseHandle()
    {
        LibVips.g_object_unref(handle);
        return true;
    }
}
