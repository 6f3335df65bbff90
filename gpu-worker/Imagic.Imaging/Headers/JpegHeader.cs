namespace Imagic.Imaging.Headers;

/// <summary>JPEG segments up to the frame header (ITU-T T.81, annex B).</summary>
static class JpegHeader
{
    const byte App1 = 0xE1;

    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes[2..], ImageFormat.Jpeg);
        var orientation = 1;
        while (true)
        {
            var marker = JpegMarkers.Next(ref reader, out _);
            if (marker is JpegMarkers.StartOfScan or JpegMarkers.EndOfImage)
                throw ImageException.Corrupt(ImageFormat.Jpeg, "has no frame header");
            var content = JpegMarkers.Segment(ref reader)[2..];
            if (marker == App1 && content.StartsWith("Exif\0\0"u8))
                orientation = ExifOrientation.Read(content);
            else if (IsFrame(marker))
                return ReadFrame(content, marker, orientation);
        }
    }

    /// <summary>SOF0 to SOF15; DHT, JPG and DAC share the range.</summary>
    static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    static ImageHeader ReadFrame(ReadOnlySpan<byte> content, byte marker, int orientation)
    {
        var frame = new HeaderReader(content, ImageFormat.Jpeg);
        var precision = frame.U8();
        var (height, width, bands) = (frame.U16Big(), frame.U16Big(), frame.U8());
        if (marker > 0xC2 || precision != 8)
            throw new ImageException(ImageProblem.UnsupportedFormat,
                "The JPEG is of a rare kind (lossless, arithmetic-coded or more than 8 bits). Save it as a usual JPEG or a PNG.");
        return new ImageHeader(ImageFormat.Jpeg, width, height, orientation, bands, HasAlpha: false);
    }
}
