using System.Runtime.InteropServices;
using Imagic.Imaging.Admission;
using Imagic.Imaging.Colours;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata;
using SixLabors.ImageSharp.PixelFormats;

namespace Imagic.Imaging;

/// <summary>A text in a PNG, for programs: an iTXt chunk before the pixels.</summary>
/// <param name="Keyword">1 to 79 characters of Latin-1.</param>
/// <param name="Value">Any text.</param>
public sealed record PngText(string Keyword, string Value);

/// <summary>Bytes to pixels and back, over SixLabors.ImageSharp, which is all managed code: what untrusted bytes should
/// meet. Thread-safe.</summary>
public static class ImageCodec
{
    private const int MaxWebPSide = 16_383;

    /// <summary>One buffer of 4 bytes per pixel at the default <see cref="ImageLimits"/>. What is inside a file may claim
    /// more than its header said.</summary>
    private const int MaxBufferMiB = 256;

    /// <summary>Without any format of its own, so nothing is decoded but by the decoder that is named; on one thread: the
    /// cores belong to the model.</summary>
    private static readonly Configuration Library = new()
    {
        MaxDegreeOfParallelism = 1,
        MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions { AllocationLimitMegabytes = MaxBufferMiB }),
    };

    /// <summary>Decodes a picture to sRGB: turned upright by its orientation tag, colours converted from a profile of curves
    /// and a matrix or from PNG's cICP or gAMA (CMYK by rule of thumb), transparency laid on white, metadata dropped. Of an
    /// animation or of several pages the first.</summary>
    /// <param name="encoded">The whole file. What it is, is decided by its content alone.</param>
    /// <param name="limits">Checked before any pixel is decoded.</param>
    /// <param name="notice">Hears what the person who sent the picture should know, such as a profile that is not applied.</param>
    /// <exception cref="ImageException">The file is no acceptable picture; the message says why.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> encoded, ImageLimits limits, Action<string>? notice = null)
    {
        var bytes = Trimmer.Admit(encoded, limits, out var header);
        try
        {
            using var image = Load(bytes, header.Format);
            if ((image.Width, image.Height) != (header.Width, header.Height))
                throw ImageException.Corrupt(header.Format, "holds a picture of another size than it declares");
            var colours = header.Format == ImageFormat.Png ? PngFile.Colours(bytes, limits) : ColourProfile.OfIcc(image.Metadata.IccProfile?.ToByteArray());
            if (colours.Notice is not null) notice?.Invoke(colours.Notice);
            var upright = Orientation.Apply(OnWhite(image, colours.Conversion, header.HasAlpha), header.Orientation);
            if (header.Format == ImageFormat.Gif)
                GifFile.WhitenAroundFrame(bytes, upright);
            return upright;
        }
        catch (NotSupportedException e)
        {
            throw ImageException.Rare(header.Format, e);
        }
        catch (Exception e) when (e is not (ImageException or OutOfMemoryException))
        {
            // Bytes that the decoders did not expect come out as any kind of exception, out of range for one.
            throw ImageException.Corrupt(header.Format, "cannot be decoded to its end", e);
        }
    }

    /// <summary>Encodes without metadata but for a text. The same pixels and text give the same bytes.</summary>
    /// <param name="format">PNG (lossless), JPEG or WebP.</param>
    /// <param name="quality">1 to 100; without effect on PNG.</param>
    /// <param name="text">Of a PNG: what it carries.</param>
    /// <exception cref="InvalidOperationException">The format cannot hold so large a picture (WebP: 16,383 pixels a
    /// side).</exception>
    public static byte[] Encode(RgbImage image, ImageFormat format, int quality = 90, PngText? text = null)
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
                ChunkFilter = text is null ? PngChunkFilter.ExcludeAll : PngChunkFilter.ExcludeAll & ~PngChunkFilter.ExcludeTextChunks,
                TextCompressionThreshold = int.MaxValue, // whoever reads it needs no zlib
            },
            ImageFormat.Jpeg => new JpegEncoder { Quality = quality },
            ImageFormat.WebP => new WebpEncoder { FileFormat = WebpFileFormatType.Lossy, Quality = quality },
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Pictures are written as PNG, JPEG or WebP."),
        };
        if (format == ImageFormat.WebP && Math.Max(image.Width, image.Height) > MaxWebPSide)
            throw new InvalidOperationException($"A WebP has at most {MaxWebPSide} pixels a side, not {image.Width} x {image.Height}.");
        using var pixels = Image.LoadPixelData<Rgb24>(Library, image.Pixels.AsSpan(), image.Width, image.Height);
        // With a language it becomes an iTXt, which is UTF-8; ISO 639-2 has one for what is no language.
        if (text is not null) pixels.Metadata.GetPngMetadata().TextData.Add(new(text.Keyword, text.Value, "zxx", ""));
        using var file = new MemoryStream();
        pixels.Save(file, encoder);
        return file.ToArray();
    }

    private static Image<Rgba32> Load(ReadOnlySpan<byte> trimmed, ImageFormat format)
    {
        if (format != ImageFormat.Jpeg || JpegFile.HasEnd(trimmed)) return Image.Load<Rgba32>(Library, trimmed, DecoderOf(format));
        var image = Image.Load<Rgba32>(Library, JpegFile.Ended(trimmed, filler: 0), DecoderOf(format));
        using var other = Image.Load<Rgba32>(Library, JpegFile.Ended(trimmed, filler: 0xAA), DecoderOf(format));
        if (AreEqual(image, other)) return image;
        image.Dispose();
        throw ImageException.CutOff(format);
    }

    private static bool AreEqual(Image<Rgba32> image, Image<Rgba32> other)
    {
        var same = image.Size() == other.Size();
        image.ProcessPixelRows(other, (rows, others) =>
        {
            for (var y = 0; same && y < rows.Height; y++) same = rows.GetRowSpan(y).SequenceEqual(others.GetRowSpan(y));
        });
        return same;
    }

    private static IImageDecoder DecoderOf(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => new JpegDecoder(),
        ImageFormat.Png => new PngDecoder { IgnoreMetadata = true },
        ImageFormat.WebP => new WebpDecoder(),
        ImageFormat.Gif => new GifDecoder { IgnoreMetadata = true, DecodingMode = FrameDecodingMode.First },
        ImageFormat.Bmp => new BmpDecoder(),
        _ => new TiffDecoder { DecodingMode = FrameDecodingMode.First },
    };

    private static RgbImage OnWhite(Image<Rgba32> image, MatrixProfile? profile, bool hasAlpha)
    {
        var rgb = new RgbImage(image.Width, image.Height, new byte[image.Width * image.Height * 3]);
        image.ProcessPixelRows(rows =>
        {
            for (var y = 0; y < rows.Height; y++)
            {
                var rgba = MemoryMarshal.AsBytes(rows.GetRowSpan(y));
                profile?.ToSrgb(rgba);
                if (hasAlpha)
                    Transparency.Lay(rgba, rgb.Row(y), 255, 255, 255);
                else
                    Transparency.Drop(rgba, rgb.Row(y));
            }
        });
        return rgb;
    }
}
