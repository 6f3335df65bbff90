using Imagic.Imaging.Trimming;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.PixelFormats;

namespace Imagic.Imaging.ImageSharp;

/// <summary>The codec over SixLabors.ImageSharp, which is all managed code. Only calls that 2.1 and 3.1 have alike. What
/// it does not do: AVIF; labels (drawing text is another package); colour profiles other than <see cref="MatrixProfile"/>s,
/// so CMYK is converted by rule of thumb.</summary>
sealed class ImageSharpCodec : IImageCodec
{
    const int MaxWebPSide = 16_383;

    /// <summary>One buffer of 4 bytes per pixel at the default <see cref="ImageLimits"/>. What is inside a file may claim
    /// more than its header said.</summary>
    const int MaxBufferMiB = 256;

    static ImageSharpCodec() => Configuration.Default.MemoryAllocator =
        MemoryAllocator.Create(new MemoryAllocatorOptions { AllocationLimitMegabytes = MaxBufferMiB });

    public RgbImage Decode(ReadOnlySpan<byte> encoded, ImageLimits limits)
    {
        var bytes = Trimmer.Admit(encoded, limits, out var header);
        if (header.Format == ImageFormat.Png)
            new PngContent(bytes).CheckRows();
        if (header.Format == ImageFormat.WebP)
            bytes = WebPStill.Of(bytes, header);
        return Orientation.Apply(Load(bytes, header), header.Orientation);
    }

    public byte[] Encode(RgbImage image, ImageFormat format, int quality = 90)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        IImageEncoder encoder = format switch
        {
            ImageFormat.Png => new PngEncoder
            {
                ColorType = PngColorType.Rgb,
                BitDepth = PngBitDepth.Bit8,
                CompressionLevel = PngCompressionLevel.Level6,
                FilterMethod = PngFilterMethod.Adaptive,
                ChunkFilter = PngChunkFilter.ExcludeAll,
            },
            ImageFormat.Jpeg => new JpegEncoder { Quality = quality },
            ImageFormat.WebP => new WebpEncoder { FileFormat = WebpFileFormatType.Lossy, Quality = quality },
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Pictures are written as PNG, JPEG or WebP."),
        };
        if (format == ImageFormat.WebP && Math.Max(image.Width, image.Height) > MaxWebPSide)
            throw new InvalidOperationException($"A WebP has at most {MaxWebPSide} pixels a side, not {image.Width} x {image.Height}.");
        using var pixels = Image.LoadPixelData<Rgb24>(image.Pixels.AsSpan(), image.Width, image.Height);
        using var file = new MemoryStream();
        pixels.Save(file, encoder);
        return file.ToArray();
    }

    public TextMask? RenderText(string text, int fontSize, int maxWidth, bool centred = false) => null;

    static RgbImage Load(ReadOnlySpan<byte> bytes, ImageHeader header)
    {
        try
        {
            using var image = Image.Load<Rgba32>(bytes);
            if ((image.Width, image.Height) != (header.Width, header.Height))
                throw ImageException.Corrupt(header.Format, "holds a picture of another size than it declares");
            var rgba = new byte[image.Width * image.Height * 4];
            image.CopyPixelDataTo(rgba);
            var icc = header.Format == ImageFormat.Png ? new PngContent(bytes).Profile() : image.Metadata.IccProfile?.ToByteArray();
            MatrixProfile.Of(icc)?.ToSrgb(rgba);
            return Transparency.OnWhite(image.Width, image.Height, rgba);
        }
        catch (Exception e) when (e is not (ImageException or OutOfMemoryException))
        {
            // Bytes that the decoders did not expect come out as any kind of exception, out of range for one.
            throw ImageException.Corrupt(header.Format, "cannot be decoded to its end", e);
        }
    }
}
