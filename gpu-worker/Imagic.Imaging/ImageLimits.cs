namespace Imagic.Imaging;

/// <summary>What an image may cost. All are checked on the header, before any pixel is decoded. The defaults admit a
/// 50-megapixel phone picture. Decoding needs at most about 20 bytes per pixel (a progressive JPEG's coefficients, the
/// library's pixels and ours), so the default bound on memory is about 1 GiB.</summary>
public sealed record ImageLimits
{
    public static ImageLimits Default { get; } = new();

    /// <summary>Length of the encoded file in bytes.</summary>
    public int MaxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Width × height.</summary>
    public int MaxPixels { get; init; } = 52_000_000;

    /// <summary>Longer side in pixels.</summary>
    public int MaxSide { get; init; } = 16_384;

    /// <summary>Longer side over shorter side. Narrower strips are no pictures to edit.</summary>
    public double MaxAspect { get; init; } = 16;

    /// <summary>Inflated length in bytes of the compressed colour profile in a PNG. Real ones stay below 4 MiB.</summary>
    public int MaxProfileBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Scans of a progressive JPEG. Each costs a pass over all pixels however few bytes it has; encoders write
    /// about 10.</summary>
    public int MaxScans { get; init; } = 50;

    /// <summary>Refuses from the header alone what the codec would refuse too.</summary>
    /// <param name="header">Of the picture.</param>
    /// <param name="bytes">Length of the whole file.</param>
    /// <exception cref="ImageException">It costs too much.</exception>
    public void Check(ImageHeader header, long bytes)
    {
        ArgumentNullException.ThrowIfNull(header);
        CheckLength(bytes);
        CheckSize(header.Width, header.Height);
    }

    internal void CheckLength(long bytes)
    {
        if (bytes > MaxBytes)
        {
            throw ImageException.TooLarge(
                $"The file has {bytes:N0} bytes; at most {MaxBytes:N0} are accepted. Send a smaller or more compressed picture.");
        }
    }

    internal void CheckSize(int width, int height)
    {
        var (longer, shorter) = (Math.Max(width, height), Math.Min(width, height));
        if (longer > MaxSide)
        {
            throw ImageException.TooLarge(
                $"The picture is {width} x {height} pixels; its longer side may have at most {MaxSide}. Scale it down first.");
        }

        if ((long)width * height > MaxPixels)
        {
            throw ImageException.TooLarge(
                $"The picture is {width} x {height} = {(long)width * height:N0} pixels; at most {MaxPixels:N0} are accepted. Scale it down first.");
        }

        if (longer > shorter * MaxAspect)
        {
            throw ImageException.TooLarge(
                $"The picture is {width} x {height} pixels; its longer side may be at most {MaxAspect} times the shorter. Crop it first.");
        }
    }
}
