using System.Buffers;
using System.Buffers.Binary;

namespace Imagic.Imaging.Admission;

/// <summary>WebP's RIFF container and its chunks (RFC 9649).</summary>
internal static class WebPFile
{
    private const int RiffHeader = 12, FrameHeader = 16, FeaturesLength = 10;

    /// <summary>Of VP8X.</summary>
    private const byte AlphaFlag = 0x10, ExifFlag = 0x08, AnimationFlag = 0x02;

    public static ImageHeader ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes[RiffHeader..], ImageFormat.WebP);
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
            return Header(width, height, TryFindExif(reader.Rest, out var exif) ? ExifOrientation.Read(exif) : 1, alpha);
        }
        throw ImageException.Corrupt(ImageFormat.WebP, "has no picture chunk at its start");
    }

    private static ImageHeader Header(int width, int height, int orientation, bool alpha) =>
        new(ImageFormat.WebP, width, height, orientation, alpha ? 4 : 3, alpha);

    private static bool TryFindExif(ReadOnlySpan<byte> chunks, out ReadOnlySpan<byte> exif)
    {
        var reader = new HeaderReader(chunks, ImageFormat.WebP);
        exif = [];
        while (reader.Left >= 8)
        {
            var isExif = reader.Take(4).SequenceEqual("EXIF"u8);
            var length = reader.U32Little();
            if (length > reader.Left)
                return false;
            exif = Content(ref reader, length);
            if (isExif)
                return true;
        }
        return false;
    }

    /// <summary>Keeps the first picture, its alpha and its colour profile. Of an animation the first frame becomes a
    /// picture of its own (2.7): ImageSharp 2.1 reads no animations.</summary>
    /// <exception cref="ImageException">That frame does not fill the canvas.</exception>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ImageHeader header)
    {
        var kept = new ArrayBufferWriter<byte>(bytes.Length + 1);
        kept.Write(bytes[..RiffHeader]);
        var reader = new HeaderReader(bytes[RiffHeader..], ImageFormat.WebP);
        bool hasProfile = false, hasAlpha = false, isWhole = false;
        while (!isWhole)
        {
            var type = reader.Take(4);
            var content = Content(ref reader, reader.U32Little());
            var isAnimation = type.SequenceEqual("ANMF"u8);
            isWhole = isAnimation || type.SequenceEqual("VP8 "u8) || type.SequenceEqual("VP8L"u8);
            if (isAnimation)
            {
                kept.Write(FirstPicture(content, header));
            }
            else if (type.SequenceEqual("VP8X"u8) && kept.WrittenCount == RiffHeader)
            {
                Write(kept, type, Still(content, reader.Rest));
            }
            else if (isWhole
                || type.SequenceEqual("ICCP"u8) && !hasProfile && (hasProfile = true)
                || type.SequenceEqual("ALPH"u8) && !hasAlpha && (hasAlpha = true))
            {
                Write(kept, type, content);
            }
        }
        var file = kept.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        return file;
    }

    /// <summary>The content of a chunk, and past the padding to even length, which some writers leave out at the end.</summary>
    private static ReadOnlySpan<byte> Content(scoped ref HeaderReader reader, uint length)
    {
        var content = reader.Take(length);
        reader.Skip(Math.Min(length & 1, reader.Left));
        return content;
    }

    private static void Write(ArrayBufferWriter<byte> kept, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        kept.Write(type);
        BinaryPrimitives.WriteInt32LittleEndian(kept.GetSpan(4), content.Length);
        kept.Advance(4);
        kept.Write(content);
        kept.Write((ReadOnlySpan<byte>)(content.Length % 2 == 0 ? [] : [0]));
    }

    /// <summary>VP8X without what is cut away.</summary>
    /// <exception cref="ImageException">It promises EXIF that is missing: the orientation would be lost.</exception>
    private static byte[] Still(ReadOnlySpan<byte> features, ReadOnlySpan<byte> rest)
    {
        if (features.Length < FeaturesLength)
            throw ImageException.CutOff(ImageFormat.WebP);
        if ((features[0] & ExifFlag) != 0 && !TryFindExif(rest, out _))
            throw ImageException.CutOff(ImageFormat.WebP);
        var still = features.ToArray();
        still[0] &= unchecked((byte)~(ExifFlag | AnimationFlag));
        return still;
    }

    /// <summary>A frame's alpha and picture chunks.</summary>
    private static ReadOnlySpan<byte> FirstPicture(ReadOnlySpan<byte> frame, ImageHeader header)
    {
        var reader = new HeaderReader(frame, ImageFormat.WebP);
        var (left, top, width, height) = (reader.U24Little() * 2, reader.U24Little() * 2, reader.U24Little() + 1, reader.U24Little() + 1);
        if ((left, top, width, height) != (0, 0, header.Width, header.Height))
        {
            throw new ImageException(ImageProblem.UnsupportedFormat,
                "The WebP is an animation whose first frame fills only a part of it. Save the frame you mean as a PNG.");
        }

        reader.Skip(FrameHeader - 12); // duration, flags
        return reader.Rest;
    }
}
