namespace Imagic.Imaging.Headers;

/// <summary>The markers that divide a JPEG (ITU-T T.81, B.1.1).</summary>
static class JpegMarkers
{
    public const byte StartOfScan = 0xDA, EndOfImage = 0xD9;

    /// <summary>The next marker that begins a segment or ends the image.</summary>
    /// <param name="skipped">What lies before it: entropy-coded data behind a scan's header, garbage anywhere else. In
    /// entropy-coded data 0xFF is followed by 0 or a restart marker.</param>
    public static byte Next(scoped ref HeaderReader reader, out ReadOnlySpan<byte> skipped)
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
    public static ReadOnlySpan<byte> Segment(scoped ref HeaderReader reader)
    {
        var rest = reader.Rest;
        var length = reader.U16Big();
        if (length < 2)
            throw ImageException.Corrupt(ImageFormat.Jpeg, "has a segment of impossible length");
        reader.Skip(length - 2);
        return rest[..length];
    }
}
