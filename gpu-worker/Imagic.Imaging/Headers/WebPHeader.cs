namespace Imagic.Imaging.Headers;

/// <summary>WebP's RIFF container and the three kinds of first chunk (RFC 9649).</summary>
static class WebPHeader
{
    const int AlphaFlag = 0x10;

    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes[12..], ImageFormat.WebP);
        var type = reader.Take(4);
        var length = reader.U32Little();
        if (type.SequenceEqual("VP8 "u8))
        {
            reader.Skip(3); // frame tag
            if (!reader.Take(3).SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
                throw ImageException.Corrupt(ImageFormat.WebP, "has no VP8 start code");
            return new ImageHeader(ImageFormat.WebP, reader.U16Little() & 0x3FFF, reader.U16Little() & 0x3FFF, 1, 3, false);
        }
        if (type.SequenceEqual("VP8L"u8))
        {
            if (reader.U8() != 0x2F)
                throw ImageException.Corrupt(ImageFormat.WebP, "has no VP8L signature");
            var bits = reader.U32Little(); // 14 bits width - 1, 14 bits height - 1, 1 bit alpha
            return Header((int)(bits & 0x3FFF) + 1, (int)(bits >> 14 & 0x3FFF) + 1, 1, (bits >> 28 & 1) != 0);
        }
        if (type.SequenceEqual("VP8X"u8))
        {
            var alpha = (reader.U8() & AlphaFlag) != 0;
            reader.Skip(3);
            var (width, height) = (reader.U24Little() + 1, reader.U24Little() + 1);
            reader.Skip(Math.Min(Math.Max(length - 10L, 0), reader.Left));
            return Header(width, height, Orientation(ref reader), alpha);
        }
        throw ImageException.Corrupt(ImageFormat.WebP, "has no picture chunk at its start");
    }

    static ImageHeader Header(int width, int height, int orientation, bool alpha) =>
        new(ImageFormat.WebP, width, height, orientation, alpha ? 4 : 3, alpha);

    static int Orientation(ref HeaderReader reader)
    {
        while (reader.Left >= 8)
        {
            var type = reader.Take(4);
            var length = reader.U32Little();
            if (length > reader.Left)
                break;
            var payload = reader.Take(length);
            if (type.SequenceEqual("EXIF"u8))
                return ExifOrientation.Read(payload);
            reader.Skip(Math.Min(length & 1, reader.Left)); // chunks are padded to even length
        }
        return 1;
    }
}
