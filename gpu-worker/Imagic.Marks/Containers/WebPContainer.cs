using System.Buffers.Binary;
using Imagic.Imaging;

namespace Imagic.Marks.Containers;

/// <summary>WebP: RIFF chunks of type, length and content, padded to even length. A manifest store is the chunk C2PA (A.3.3), XMP the
/// chunk "XMP " that VP8X must announce (RFC 9649, 2.7). Both stand behind the pixels.</summary>
internal sealed class WebPContainer : PictureFile
{
    private const int RiffHeader = 12, ChunkHeader = 8;

    /// <summary>Of VP8X.</summary>
    private const byte XmpFlag = 0x04, AlphaFlag = 0x10;

    private readonly int _end;

    public WebPContainer(ReadOnlyMemory<byte> bytes)
        : base(ImageFormat.WebP, bytes)
    {
        var span = bytes.Span;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(span[4..]);
        if (length < 4 || length > span.Length - 8) throw CutOff(ImageFormat.WebP);
        _end = (int)length + 8;
        Pieces.Add(new(0, RiffHeader));
        for (var at = RiffHeader; at < _end;)
        {
            if (_end - at < ChunkHeader) throw CutOff(ImageFormat.WebP);
            var inside = BinaryPrimitives.ReadUInt32LittleEndian(span[(at + 4)..]);
            if (inside > _end - at - ChunkHeader) throw CutOff(ImageFormat.WebP);
            // Some writers leave out the last one's padding.
            var whole = Math.Min((int)inside + ChunkHeader + (int)(inside & 1), _end - at);
            var type = span.Slice(at, 4);
            var kind = type.SequenceEqual("C2PA"u8) ? PieceKind.Manifest : type.SequenceEqual("XMP "u8) ? PieceKind.Xmp : PieceKind.Other;
            Pieces.Add(new(at, whole, kind, at + ChunkHeader, (int)inside));
            at += whole;
        }

        if (Pieces.Count < 2) throw CutOff(ImageFormat.WebP);
        if (_end < span.Length) Pieces.Add(new(_end, span.Length - _end));
    }

    public override (int Start, int Length) RangeOf(int storeLength) => (_end + (_end & 1), storeLength + ChunkHeader);

    protected override byte[] WrapManifest(ReadOnlySpan<byte> store) => Chunk("C2PA"u8, store);

    protected override byte[] WrapXmp(ReadOnlySpan<byte> packet) => Chunk("XMP "u8, packet);

    protected override void Insert(List<ReadOnlyMemory<byte>> kept, PieceKind kind, byte[] wrapped)
    {
        var end = _end < Bytes.Length ? kept.Count - 1 : kept.Count;
        if (kept[end - 1].Length % 2 != 0) kept[end - 1] = (byte[])[.. kept[end - 1].Span, 0];
        kept.Insert(end, wrapped);
        if (kind != PieceKind.Xmp) return;
        if (!kept[1].Span.StartsWith("VP8X"u8)) kept.Insert(1, Features(kept[1].Span));
        var features = kept[1].ToArray();
        features[ChunkHeader] |= XmpFlag;
        kept[1] = features;
    }

    protected override int PaddingOf(Piece piece) => piece.Length - ChunkHeader - piece.ContentLength;

    protected override void Finish(byte[] file) =>
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8 - (Bytes.Length - _end));

    // VP8X says which chunks there are, and the size: of VP8 from its frame's header, of VP8L from its first bits.
    private static byte[] Features(ReadOnlySpan<byte> picture)
    {
        if (picture.Length < ChunkHeader + 10) throw CutOff(ImageFormat.WebP);
        var content = picture[ChunkHeader..];
        int width, height;
        byte flags = 0;
        if (picture.StartsWith("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(content[1..]);
            (width, height) = ((int)(bits & 0x3FFF), (int)(bits >> 14 & 0x3FFF));
            if ((bits >> 28 & 1) != 0) flags = AlphaFlag;
        }
        else
        {
            width = (BinaryPrimitives.ReadUInt16LittleEndian(content[6..]) & 0x3FFF) - 1;
            height = (BinaryPrimitives.ReadUInt16LittleEndian(content[8..]) & 0x3FFF) - 1;
        }

        byte[] features = [flags, 0, 0, 0, (byte)width, (byte)(width >> 8), 0, (byte)height, (byte)(height >> 8), 0];
        return Chunk("VP8X"u8, features);
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        var chunk = new byte[ChunkHeader + content.Length + (content.Length & 1)];
        type.CopyTo(chunk);
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), content.Length);
        content.CopyTo(chunk.AsSpan(ChunkHeader));
        return chunk;
    }
}
