namespace Imagic.Imaging.Headers;

/// <summary>JPEG markers up to the frame header (ITU-T T.81, annex B).</summary>
static class JpegHeader
{
    const byte Exif = 0xE1, StartOfScan = 0xDA, EndOfImage = 0xD9;

    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes[2..], ImageFormat.Jpeg);
        var orientation = 1;
        while (true)
        {
            var marker = NextMarker(ref reader);
            if (marker is StartOfScan or EndOfImage)
                throw ImageException.Corrupt(ImageFormat.Jpeg, "has no frame header");
            var length = reader.U16Big();
            if (length < 2)
                throw ImageException.Corrupt(ImageFormat.Jpeg, "has a segment of impossible length");
            var segment = reader.Take(length - 2);
            if (marker == Exif && segment.StartsWith("Exif\0\0"u8))
                orientation = ExifOrientation.Read(segment);
            else if (IsFrame(marker))
                return ReadFrame(segment, marker, orientation);
        }
    }

    /// <summary>Scans in the whole file; markers cannot occur inside entropy-coded data, where 0xFF is followed by 0.</summary>
    public static int CountScans(ReadOnlySpan<byte> bytes) => bytes.Count((ReadOnlySpan<byte>)[0xFF, StartOfScan]);

    static byte NextMarker(ref HeaderReader reader)
    {
        while (true)
        {
            while (reader.U8() != 0xFF) { }
            byte marker;
            do
                marker = reader.U8();
            while (marker == 0xFF);
            if (marker is not (0x00 or 0x01 or >= 0xD0 and <= 0xD8)) // stuffed byte, TEM, RSTn and SOI have no length
                return marker;
        }
    }

    /// <summary>SOF0 to SOF15; DHT, JPG and DAC share the range.</summary>
    static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    static ImageHeader ReadFrame(ReadOnlySpan<byte> segment, byte marker, int orientation)
    {
        var frame = new HeaderReader(segment, ImageFormat.Jpeg);
        var precision = frame.U8();
        var (height, width, bands) = (frame.U16Big(), frame.U16Big(), frame.U8());
        if (marker > 0xC2 || precision != 8)
            throw new ImageException(ImageProblem.UnsupportedFormat,
                "The JPEG is of a rare kind (lossless, arithmetic-coded or more than 8 bits). Save it as a usual JPEG or a PNG.");
        return new ImageHeader(ImageFormat.Jpeg, width, height, orientation, bands, HasAlpha: false);
    }
}
