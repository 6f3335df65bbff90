namespace Imagic.Imaging.Admission;

/// <summary>Tells formats apart by their first bytes. Everything that is not accepted stops here, before any decoder sees
/// it.</summary>
internal static class FormatSniffer
{
    private const string Advice = "Save it as JPEG or PNG and send that.";

    public static ImageFormat Identify(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return ImageFormat.Jpeg;
        if (bytes.StartsWith(PngFile.Signature))
            return ImageFormat.Png;
        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8))
            return ImageFormat.Gif;
        if (bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8))
            return ImageFormat.WebP;
        if (bytes.StartsWith("BM"u8) && bytes.Length >= BmpFile.MinLength)
            return ImageFormat.Bmp;
        if ((bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8)) && !TiffFile.IsRaw(bytes))
            return ImageFormat.Tiff;
        throw Refused(bytes) is { } name ? NotAccepted(name) : new(ImageProblem.NotAnImage, bytes.IsEmpty
            ? "The file is empty. Send a JPEG, PNG, WebP, GIF, BMP or TIFF."
            : "The file is not a picture. Send a JPEG, PNG, WebP, GIF, BMP or TIFF.");
    }

    /// <summary>A kind of file that is known and not decoded.</summary>
    /// <param name="name">With its article.</param>
    public static ImageException NotAccepted(string name) =>
        new(ImageProblem.UnsupportedFormat, $"The file is {name}, which is not accepted. {Advice}");

    /// <summary>Common formats that are not accepted, named so that the sender knows what to convert.</summary>
    private static string? Refused(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("II+\0"u8) || bytes.StartsWith("MM\0+"u8)) return "a BigTIFF";
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8)
            || bytes.StartsWith("IIRO"u8) || bytes.StartsWith("IIU\0"u8) || bytes.StartsWith("FUJIFILM"u8))
        {
            return "a camera's raw file";
        }

        if (bytes.StartsWith("%PDF"u8)) return "a PDF";
        if (bytes.StartsWith("8BPS"u8)) return "a Photoshop file";
        if (bytes.StartsWith("\0\0\x01\0"u8)) return "an icon";
        if (bytes.StartsWith("\0\0\0\x0CJXL "u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A])) return "a JPEG XL";
        if (bytes.StartsWith("\0\0\0\x0CjP  "u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51])) return "a JPEG 2000";
        if (bytes.Length >= 12 && bytes[4..8].SequenceEqual("ftyp"u8)) return Brand(bytes);
        var text = bytes[..Math.Min(bytes.Length, 1024)].TrimStart("\uFEFF \t\r\n"u8);
        if (text.StartsWith("<svg"u8) || (text.StartsWith("<?xml"u8) && text.IndexOf("<svg"u8) >= 0)) return "an SVG";
        return null;
    }

    /// <summary>By the brands of the ISO base media file format (ISO/IEC 14496-12, 4.3): the major one comes first, and its
    /// version in the second place is no brand.</summary>
    private static string Brand(ReadOnlySpan<byte> bytes)
    {
        var brands = bytes[8..(int)Math.Clamp(HeaderReader.U32Big(bytes), 12u, (uint)bytes.Length)];
        string? found = null;
        for (; brands.Length >= 4; brands = brands[4..])
        {
            var brand = brands[..4];
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
                return "an AVIF";
            if (brand.SequenceEqual("crx "u8))
                return "a camera's raw file";
            if (brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.SequenceEqual("mif1"u8))
                found = "a HEIC, as phones write it";
        }
        return found ?? "a video";
    }
}
