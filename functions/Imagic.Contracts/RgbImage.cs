namespace Imagic.Contracts;

/// <summary>Pixels in memory: interleaved 8-bit sRGB, (Height, Width, 3), top row first, no padding between rows.</summary>
public sealed record RgbImage
{
    public int Width { get; }

    public int Height { get; }

    public byte[] Pixels { get; }

    /// <param name="pixels">Width × height × 3 bytes; taken over, not copied.</param>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != (long)width * height * 3)
        {
            throw new ArgumentException(
                $"{width} x {height} RGB pixels need {(long)width * height * 3} bytes, not {pixels.Length}.", nameof(pixels));
        }

        (Width, Height, Pixels) = (width, height, pixels);
    }

    /// <summary>One colour all over.</summary>
    public static RgbImage Filled(int width, int height, byte red, byte green, byte blue)
    {
        var pixels = new byte[checked(width * height * 3)];
        for (var i = 0; i < pixels.Length; i += 3)
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (red, green, blue);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>One row of pixels, (Width, 3).</summary>
    public Span<byte> Row(int y) => Pixels.AsSpan(y * Width * 3, Width * 3);

    /// <summary>Equal when the sizes and all pixels are.</summary>
    public bool Equals(RgbImage? other) =>
        other is not null && Width == other.Width && Height == other.Height && Pixels.AsSpan().SequenceEqual(other.Pixels);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Width);
        hash.AddBytes(Pixels);
        return hash.ToHashCode();
    }
}
