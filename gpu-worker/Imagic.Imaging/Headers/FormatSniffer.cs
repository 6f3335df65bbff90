namespace Imagic.Imaging.Headers;

/// <summary>Tells formats apart by their first bytes. Everything that is not accepted stops here, before any native code
/// sees it.</summary>
static class FormatSniffer
{
    public static ImageFormat Identify(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return ImageFormat.Jpeg;
        if (bytes.StartsWith(PngHeader.Signature))
            return ImageFormat.Png;
        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8))
            return ImageFormat.Gif;
        if (bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8))
            return ImageFormat.WebP;
        if (bytes.Length >= 12 && bytes[4..8].SequenceEqual("ftyp"u8) && HeifHeader.Brand(bytes) is { } heif)
            return heif;
        throw Refusal(bytes);
    }

    static readonly string Accepted = $"Send a {ImageCodec.Decoded}.";

    static ImageException Refusal(ReadOnlySpan<byte> bytes) => bytes.IsEmpty
        ? new(ImageProblem.NotAnImage, $"The file is empty. {Accepted}")
        : Refused(bytes) is { } name
            ? new(ImageProblem.UnsupportedFormat, $"The file is {name}, which is not accepted. {Accepted}")
            : new(ImageProblem.NotAnImage, $"The file is not a picture. {Accepted}");

    /// <summary>Common formats that are not accepted, named so that the sender knows what to convert.</summary>
    static string? Refused(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8)) return "a TIFF or a camera's raw file";
        if (bytes.StartsWith("BM"u8)) return "a BMP";
        if (bytes.StartsWith("%PDF"u8)) return "a PDF";
        if (bytes.StartsWith("8BPS"u8)) return "a Photoshop file";
        if (bytes.StartsWith("\0\0\x01\0"u8)) return "an icon";
        if (bytes.StartsWith("\0\0\0\x0CJXL "u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A])) return "a JPEG XL";
        if (bytes.StartsWith("\0\0\0\x0CjP  "u8)) return "a JPEG 2000";
        if (bytes.Length >= 8 && bytes[4..8].SequenceEqual("ftyp"u8)) return "a video";
        var text = bytes[..Math.Min(bytes.Length, 1024)].TrimStart("\uFEFF \t\r\n"u8);
        if (text.StartsWith("<svg"u8) || (text.StartsWith("<?xml"u8) && text.IndexOf("<svg"u8) >= 0)) return "an SVG";
        return null;
    }
}
