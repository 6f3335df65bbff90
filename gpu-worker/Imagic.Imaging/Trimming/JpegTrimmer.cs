using System.Buffers;
using Imagic.Imaging.Headers;

namespace Imagic.Imaging.Trimming;

/// <summary>Keeps a JPEG's tables, frame and scans, its colour profile and the two segments that tell its colour space;
/// drops comments, EXIF, XMP and whatever phones append behind the picture (videos, depth maps).</summary>
static class JpegTrimmer
{
    const byte App0 = 0xE0, IccProfile = 0xE2, Adobe = 0xEE, App15 = 0xEF, Comment = 0xFE;

    /// <summary>Pieces of a profile are numbered by one byte (ICC.1, B.4).</summary>
    const int MaxProfilePieces = 255;

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ImageLimits limits)
    {
        var kept = new ArrayBufferWriter<byte>(bytes.Length);
        kept.Write(bytes[..2]);
        var reader = new HeaderReader(bytes[2..], ImageFormat.Jpeg);
        int scans = 0, profilePieces = 0;
        bool hasJfif = false, hasAdobe = false;
        while (true)
        {
            var marker = JpegMarkers.Next(ref reader, out var scanData);
            if (scans > 0)
                kept.Write(scanData);
            if (marker == JpegMarkers.EndOfImage)
            {
                kept.Write((ReadOnlySpan<byte>)[0xFF, JpegMarkers.EndOfImage]);
                return kept.WrittenSpan;
            }
            var segment = JpegMarkers.Segment(ref reader);
            if (marker == JpegMarkers.StartOfScan && ++scans > limits.MaxScans)
                throw ImageException.TooLarge(
                    $"The JPEG has more than {limits.MaxScans} scans, which take too long. Save the picture again.");
            var keep = marker switch
            {
                App0 => !hasJfif && (hasJfif = true),
                Adobe => !hasAdobe && (hasAdobe = true),
                IccProfile => segment[2..].StartsWith("ICC_PROFILE\0"u8) && ++profilePieces <= MaxProfilePieces,
                Comment or (> App0 and <= App15) => false,
                _ => true,
            };
            if (keep)
            {
                kept.Write((ReadOnlySpan<byte>)[0xFF, marker]);
                kept.Write(segment);
            }
        }
    }
}
