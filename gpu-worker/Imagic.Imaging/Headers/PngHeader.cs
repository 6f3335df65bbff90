namespace Imagic.Imaging.Headers;

/// <summary>PNG's IHDR and the two ancillary chunks that matter (PNG third edition, section 11).</summary>
static class PngHeader
{
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes[Signature.Length..], ImageFormat.Png);
        if (reader.U32Big() != 13 || !reader.Take(4).SequenceEqual("IHDR"u8))
            throw ImageException.Corrupt(ImageFormat.Png, "does not begin with its header chunk");
        var (width, height) = (reader.U32Big(), reader.U32Big());
        if (width > int.MaxValue || height > int.MaxValue)
            throw ImageException.Corrupt(ImageFormat.Png, "declares an impossible size");
        reader.Skip(1); // bit depth
        var (bands, alpha) = reader.U8() switch
        {
            0 => (1, false),
            2 or 3 => (3, false),
            4 => (2, true),
            6 => (4, true),
            var other => throw ImageException.Corrupt(ImageFormat.Png, $"has the unknown colour type {other}"),
        };
        reader.Skip(3 + 4); // compression, filter, interlace; CRC

        var orientation = 1;
        while (reader.Left >= 12)
        {
            var length = reader.U32Big();
            var type = reader.Take(4);
            if (length + 4L > reader.Left)
                break; // only a prefix of the file
            var content = reader.Take(length);
            reader.Skip(4); // CRC
            if (type.SequenceEqual("tRNS"u8) && !alpha)
                (bands, alpha) = (bands + 1, true);
            else if (type.SequenceEqual("eXIf"u8))
                orientation = ExifOrientation.Read(content);
        }
        return new ImageHeader(ImageFormat.Png, (int)width, (int)height, orientation, bands, alpha);
    }
}
