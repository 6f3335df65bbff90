using Imagic.Imaging.Trimming;

namespace Imagic.Imaging.Vips;

/// <summary>The codec over libvips. Formats are told apart in managed code first, then exactly that format's loader
/// runs.</summary>
/// <param name="fontFile">For labels; null draws none.</param>
sealed unsafe class VipsCodec(string? fontFile) : IImageCodec
{
    public RgbImage Decode(ReadOnlySpan<byte> encoded, ImageLimits limits)
    {
        var bytes = Trimmer.Admit(encoded, limits, out var header);
        try
        {
            var stored = Load(bytes, header.Format, limits);
            // AVIF's rotation is part of decoding; EXIF's is advice that the loaders do not follow.
            return header.Format == ImageFormat.Avif ? stored : Orientation.Apply(stored, header.Orientation);
        }
        catch (VipsException e)
        {
            throw ImageException.Corrupt(header.Format, "cannot be decoded to its end", e);
        }
        finally
        {
            LibVips.vips_error_clear(); // decoders leave remarks behind even when they succeed
        }
    }

    public byte[] Encode(RgbImage image, ImageFormat format, int quality = 90)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        VipsRuntime.EnsureStarted();
        fixed (byte* pixels = image.Pixels)
        {
            using var source = VipsImage.Over(pixels, image.Width, image.Height, bands: 3);
            using var rgb = new VipsOperation("copy").Set("in", source).Set("interpretation", "srgb").ToImage();
            var save = format switch
            {
                ImageFormat.Png => new VipsOperation("pngsave_buffer").Set("compression", 6).Set("filter", "all"),
                ImageFormat.Jpeg => new VipsOperation("jpegsave_buffer").Set("Q", quality).Set("optimize_coding", "true"),
                ImageFormat.WebP => new VipsOperation("webpsave_buffer").Set("Q", quality),
                _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Pictures are written as PNG, JPEG or WebP."),
            };
            return save.Set("in", rgb).Set("keep", "none").ToBytes();
        }
    }

    public TextMask? RenderText(string text, int fontSize, int maxWidth, bool centred = false) =>
        VipsText.Render(fontFile, text, fontSize, maxWidth, centred);

    static RgbImage Load(ReadOnlySpan<byte> encoded, ImageFormat format, ImageLimits limits)
    {
        fixed (byte* bytes = encoded)
        {
            using var loaded = new VipsOperation(LoaderOf(format))
                .Set("buffer", bytes, encoded.Length)
                .Set("access", "sequential")
                .Set("fail_on", "error")
                .ToImage();
            limits.CheckSize(loaded.Width, loaded.Height); // the decoder's view counts, should it differ from the header's
            using var srgb = ToSrgb(loaded);
            return srgb.Bands switch
            {
                3 => new RgbImage(srgb.Width, srgb.Height, srgb.ToPixels()),
                4 => Transparency.OnWhite(srgb.Width, srgb.Height, srgb.ToPixels()),
                var bands => throw ImageException.Corrupt(format, $"has {bands} channels after conversion to RGB"),
            };
        }
    }

    static string LoaderOf(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => "jpegload_buffer",
        ImageFormat.Png => "pngload_buffer",
        ImageFormat.WebP => "webpload_buffer",
        ImageFormat.Gif => "gifload_buffer",
        _ => "heifload_buffer",
    };

    /// <summary>8-bit sRGB from grey, CMYK, 16 bits and any profile. A profile that does not fit its picture is common and
    /// is ignored, as browsers do.</summary>
    static VipsImage ToSrgb(VipsImage image)
    {
        if (image.HasProfile)
        {
            try
            {
                return new VipsOperation("icc_transform").Set("in", image).Set("output_profile", "srgb")
                    .Set("embedded", "true").Set("depth", 8).ToImage();
            }
            catch (VipsException)
            {
            }
        }
        return new VipsOperation("colourspace").Set("in", image).Set("space", "srgb").ToImage();
    }
}
