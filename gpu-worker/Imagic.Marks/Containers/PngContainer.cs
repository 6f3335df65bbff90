using System.Buffers.Binary;
using System.IO.Hashing;
using Imagic.Imaging;

namespace Imagic.Marks.Containers;

/// <summary>PNG: chunks of length, type, content and checksum. A manifest store is a caBX chunk (C2PA, A.3.2), XMP an iTXt
/// chunk (XMP part 3, 1.1.5).</summary>
internal sealed class PngContainer : PictureFile
{
    private const int Around = 12;

    public PngContainer(ReadOnlyMemory<byte> bytes)
        : base(ImageFormat.Png, bytes)
    {
        var span = bytes.Span;
        Pieces.Add(new(0, Signature.Length));
        for (var at = Signature.Length; at < span.Length;)
        {
            if (span.Length - at < Around) throw CutOff(ImageFormat.Png);
            var length = BinaryPrimitives.ReadUInt32BigEndian(span[at..]);
            if (length > span.Length - at - Around) throw CutOff(ImageFormat.Png);
            var content = span.Slice(at + 8, (int)length);
            var type = span.Slice(at + 4, 4);
            var whole = (int)length + Around;
            var isXmp = type.SequenceEqual("iTXt"u8) && content.StartsWith(XmpHeader);
            var skipped = isXmp ? XmpHeader.Length : 0;
            Pieces.Add(new(
                at, whole, type.SequenceEqual("caBX"u8) ? PieceKind.Manifest : isXmp ? PieceKind.Xmp : PieceKind.Other, at + 8 + skipped, content.Length - skipped));
            at += whole;
            if (type.SequenceEqual("IEND"u8) && at < span.Length)
            {
                Pieces.Add(new(at, span.Length - at));
                break;
            }
        }

        if (Pieces.Count < 2 || !span[12..16].SequenceEqual("IHDR"u8)) throw CutOff(ImageFormat.Png);
    }

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    // Keyword, its end, not compressed, no language, no translated keyword.
    private static ReadOnlySpan<byte> XmpHeader => "XML:com.adobe.xmp\0\0\0\0\0"u8;

    public override (int Start, int Length) RangeOf(int storeLength) => (Pieces[1].Start + Pieces[1].Length, storeLength + Around);

    protected override byte[] WrapManifest(ReadOnlySpan<byte> store) => Chunk("caBX"u8, store);

    protected override byte[] WrapXmp(ReadOnlySpan<byte> packet) => Chunk("iTXt"u8, [.. XmpHeader, .. packet]);

    // Behind the header, before the pixels.
    protected override void Insert(List<ReadOnlyMemory<byte>> kept, PieceKind kind, byte[] wrapped) => kept.Insert(2, wrapped);

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        var chunk = new byte[content.Length + Around];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        type.CopyTo(chunk.AsSpan(4));
        content.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32.HashToUInt32(chunk.AsSpan(4, content.Length + 4)));
        return chunk;
    }
}
