using System.Buffers;
using System.Buffers.Binary;
using Imagic.Imaging.Headers;

namespace Imagic.Imaging.Trimming;

/// <summary>Keeps what stands before a WebP's first picture or frame and that itself (RFC 9649, 2.7); drops further
/// frames, metadata and unknown chunks.</summary>
static class WebPTrimmer
{
    const int RiffHeader = 12;

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) > bytes.Length - 8)
            throw ImageException.CutOff(ImageFormat.WebP); // the orientation may be what is missing
        var kept = new ArrayBufferWriter<byte>(bytes.Length);
        kept.Write(bytes[..RiffHeader]);
        var reader = new HeaderReader(bytes[RiffHeader..], ImageFormat.WebP);
        bool hasProfile = false, hasAnimation = false, hasAlpha = false;
        while (true)
        {
            var chunk = Chunk(ref reader);
            var type = chunk[..4];
            var isPicture = type.SequenceEqual("VP8 "u8) || type.SequenceEqual("VP8L"u8) || type.SequenceEqual("ANMF"u8);
            if (isPicture || kept.WrittenCount == RiffHeader // VP8X comes first
                || type.SequenceEqual("ICCP"u8) && !hasProfile && (hasProfile = true)
                || type.SequenceEqual("ANIM"u8) && !hasAnimation && (hasAnimation = true)
                || type.SequenceEqual("ALPH"u8) && !hasAlpha && (hasAlpha = true))
                kept.Write(chunk);
            if (isPicture)
                return WithLength(kept);
        }
    }

    /// <summary>Type, length, content and the padding to even length.</summary>
    static ReadOnlySpan<byte> Chunk(scoped ref HeaderReader reader)
    {
        var rest = reader.Rest;
        reader.Skip(4);
        var length = reader.U32Little();
        reader.Skip(length + (length & 1L));
        return rest[..^reader.Left];
    }

    static ReadOnlySpan<byte> WithLength(ArrayBufferWriter<byte> kept)
    {
        var file = kept.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        return file;
    }
}
