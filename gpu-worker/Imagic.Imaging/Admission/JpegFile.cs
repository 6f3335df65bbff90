using System.Buffers;

namespace Imagic.Imaging.Admission;

/// <summary>A JPEG's markers and segments (ITU-T T.81, annex B).</summary>
internal static class JpegFile
{
    private const byte StartOfScan = 0xDA, EndOfImage = 0xD9;

    private const byte App0 = 0xE0, App1 = 0xE1, IccProfile = 0xE2, Adobe = 0xEE, App15 = 0xEF, Comment = 0xFE;

    /// <summary>Some blocks of pixels, whatever the tables.</summary>
    private const int FillerLength = 1024;

    private static ReadOnlySpan<byte> EndMarker => [0xFF, EndOfImage];

    /// <summary>Pieces of a profile are numbered by one byte (ICC.1, B.4).</summary>
    private const int MaxProfilePieces = 255;

    public static ImageHeader ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes[2..], ImageFormat.Jpeg);
        int? orientation = null;
        while (true)
        {
            if (bytes.Length - reader.Left > ImageHeader.MaxMetadataBytes)
            {
                throw ImageException.TooLarge(
                    $"The JPEG has more than {ImageHeader.MaxMetadataBytes >> 20} MiB of metadata in front of the picture. Save it without them.");
            }

            var marker = Next(ref reader, out _);
            if (marker is StartOfScan or EndOfImage)
                throw ImageException.Corrupt(ImageFormat.Jpeg, "has no frame header");
            var content = Segment(ref reader)[2..];
            if (marker == App1 && content.StartsWith("Exif\0\0"u8))
                orientation ??= ExifOrientation.Read(content);
            else if (IsFrame(marker))
                return ReadFrame(content, marker, orientation ?? 1);
        }
    }

    /// <summary>Keeps tables, frame and scans, the colour profile and the two segments that tell the colour space; drops
    /// comments, EXIF, XMP and whatever phones append behind the picture (videos, depth maps). Without the end marker where
    /// the file has none, see <see cref="Ended"/>.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ImageLimits limits)
    {
        var kept = new ArrayBufferWriter<byte>(bytes.Length);
        kept.Write(bytes[..2]);
        var reader = new HeaderReader(bytes[2..], ImageFormat.Jpeg);
        int scans = 0, profilePieces = 0;
        bool hasJfif = false, hasAdobe = false;
        var coefficients = new ScannedCoefficients();
        while (true)
        {
            if (scans > 0 && !GoesOn(reader))
            {
                if (!coefficients.AreWhole) throw ImageException.CutOff(ImageFormat.Jpeg);
                kept.Write(ScanData(reader.Rest));
                return kept.WrittenSpan;
            }
            var marker = Next(ref reader, out var scanData);
            if (scans > 0)
                kept.Write(scanData);
            if (marker == EndOfImage)
            {
                kept.Write(EndMarker);
                return kept.WrittenSpan;
            }
            var segment = Segment(ref reader);
            if (marker == StartOfScan && ++scans > limits.MaxScans)
            {
                throw ImageException.TooLarge(
                    $"The JPEG has more than {limits.MaxScans} scans, which take too long. Save the picture again.");
            }

            if (IsFrame(marker)) coefficients.Begin(segment);
            if (marker == StartOfScan) coefficients.Add(segment);
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

    /// <summary>Which coefficients of which components the scans so far have told to their last bit.</summary>
    private sealed class ScannedCoefficients
    {
        private readonly Dictionary<byte, ulong> _whole = [];

        public bool AreWhole => _whole.Values.All(whole => whole == ulong.MaxValue);

        /// <param name="frame">Length, precision, height, width, number of components, three bytes each.</param>
        public void Begin(ReadOnlySpan<byte> frame)
        {
            for (var at = 8; at + 3 <= frame.Length; at += 3) _whole[frame[at]] = 0;
        }

        /// <param name="scan">Length, number of components, two bytes each, first and last coefficient, bits that are left.</param>
        public void Add(ReadOnlySpan<byte> scan)
        {
            if (scan.Length < 6 || scan[^1] % 16 != 0 || scan[^3] > scan[^2] || scan[^2] > 63) return;
            var told = (ulong.MaxValue >> (63 - scan[^2] + scan[^3])) << scan[^3];
            for (var at = 3; at + 2 <= scan.Length - 3; at += 2)
            {
                if (_whole.TryGetValue(scan[at], out var before)) _whole[scan[at]] = before | told;
            }
        }
    }

    /// <summary>Whether a trimmed file has its end marker. One without may have all its pixels all the same: then they are
    /// the same whatever is put in the place of what is missing.</summary>
    public static bool HasEnd(ReadOnlySpan<byte> trimmed) => trimmed.EndsWith(EndMarker);

    /// <summary>A trimmed file with an end, and with <paramref name="filler"/> in the place of scan data that may be missing.</summary>
    public static byte[] Ended(ReadOnlySpan<byte> trimmed, byte filler)
    {
        var filled = new byte[FillerLength];
        Array.Fill(filled, filler);
        return [.. trimmed, .. filled, .. EndMarker];
    }

    /// <summary>Up to the first marker, whatever it is: 0xFF not followed by 0 or a restart marker's number.</summary>
    private static ReadOnlySpan<byte> ScanData(ReadOnlySpan<byte> rest)
    {
        for (var at = 0; at < rest.Length; at++)
        {
            if (rest[at] == 0xFF && (at + 1 == rest.Length || rest[at + 1] is not (0 or >= 0xD0 and <= 0xD7))) return rest[..at];
        }

        return rest;
    }

    /// <summary>Whether a scan is followed by its end or a segment that may stand there, and not by the end of the file or by
    /// what a phone has put behind the picture.</summary>
    private static bool GoesOn(HeaderReader behindScan)
    {
        try
        {
            var marker = Next(ref behindScan, out _);
            if (marker == EndOfImage) return true;
            Segment(ref behindScan);
            return marker is 0xC4 or 0xCC or StartOfScan or 0xDB or 0xDC or 0xDD or (>= App0 and <= App15) or Comment; // DHT, DAC, DQT, DNL, DRI
        }
        catch (ImageException)
        {
            return false;
        }
    }

    /// <summary>The next marker that begins a segment or ends the image.</summary>
    /// <param name="skipped">What lies before it: entropy-coded data behind a scan's header, garbage anywhere else. In
    /// entropy-coded data 0xFF is followed by 0 or a restart marker.</param>
    private static byte Next(scoped ref HeaderReader reader, out ReadOnlySpan<byte> skipped)
    {
        var from = reader.Rest;
        while (true)
        {
            reader.SkipBehind(0xFF);
            var before = from.Length - reader.Left - 1;
            byte marker;
            do
                marker = reader.U8();
            while (marker == 0xFF);
            if (marker is 0x00 or 0x01 or >= 0xD0 and <= 0xD8) // stuffed 0, TEM, RSTn and SOI have no segment
                continue;
            skipped = from[..before];
            return marker;
        }
    }

    /// <summary>The segment behind a marker, its two bytes of length included.</summary>
    private static ReadOnlySpan<byte> Segment(scoped ref HeaderReader reader)
    {
        var rest = reader.Rest;
        var length = reader.U16Big();
        if (length < 2)
            throw ImageException.Corrupt(ImageFormat.Jpeg, "has a segment of impossible length");
        reader.Skip(length - 2);
        return rest[..length];
    }

    /// <summary>SOF0 to SOF15; DHT, JPG and DAC share the range.</summary>
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static ImageHeader ReadFrame(ReadOnlySpan<byte> content, byte marker, int orientation)
    {
        var frame = new HeaderReader(content, ImageFormat.Jpeg);
        var precision = frame.U8();
        var (height, width, bands) = (frame.U16Big(), frame.U16Big(), frame.U8());
        if (marker > 0xC2 || precision != 8)
        {
            throw new ImageException(ImageProblem.UnsupportedFormat,
                "The JPEG is of a rare kind (lossless, arithmetic-coded or more than 8 bits). Save it as a usual JPEG or a PNG.");
        }

        return new ImageHeader(ImageFormat.Jpeg, width, height, orientation, bands, HasAlpha: false);
    }
}
