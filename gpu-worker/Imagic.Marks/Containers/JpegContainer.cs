using System.Buffers.Binary;
using Imagic.Imaging;

namespace Imagic.Marks.Containers;

/// <summary>
/// JPEG: segments of marker, length and content. A manifest store is one box over APP11 segments (C2PA, A.3.1; ISO 19566-5),
/// each with "JP", the box's number, the segment's number and the box's header in front; XMP is an APP1 segment. All of them
/// stand before the first scan; what comes from there on is one piece.
/// </summary>
internal sealed class JpegContainer : PictureFile
{
    private const byte StartOfScan = 0xDA, EndOfImage = 0xD9, App0 = 0xE0, App1 = 0xE1, App11 = 0xEB;

    private const int SegmentHeader = 4, JumbfHeader = 8, BoxHeader = 8;

    /// <summary>Of a box's content in one segment, whose length has 16 bits.</summary>
    private const int MaxInSegment = 64_000;

    // Of boxes that are not the store; segments of one box are told by its number.
    private readonly HashSet<ushort> _otherBoxes = [];

    public JpegContainer(ReadOnlyMemory<byte> bytes)
        : base(ImageFormat.Jpeg, bytes)
    {
        var span = bytes.Span;
        Pieces.Add(new(0, 2));
        ReadOnlySpan<byte> box = [];
        for (var at = 2; at < span.Length;)
        {
            if (span.Length - at < SegmentHeader || span[at] != 0xFF) throw CutOff(ImageFormat.Jpeg);
            var marker = span[at + 1];
            if (marker is StartOfScan or EndOfImage)
            {
                Pieces.Add(new(at, span.Length - at));
                return;
            }

            if (marker == 0xFF)
            {
                Pieces.Add(new(at++, 1)); // a filler
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(span[(at + 2)..]);
            if (length < 2 || length > span.Length - at - 2) throw CutOff(ImageFormat.Jpeg);
            var content = span.Slice(at + SegmentHeader, length - 2);
            Pieces.Add(PieceOf(at, marker, content, ref box));
            if (Pieces[^1].Kind == PieceKind.Other && marker == App11 && content.Length >= JumbfHeader) _otherBoxes.Add(BinaryPrimitives.ReadUInt16BigEndian(content[2..]));
            at += length + 2;
        }

        throw CutOff(ImageFormat.Jpeg);
    }

    private static ReadOnlySpan<byte> XmpHeader => "http://ns.adobe.com/xap/1.0/\0"u8;

    private int InsertAt
    {
        get
        {
            var jfif = Pieces.FindLastIndex(piece => IsMarker(Bytes.Span.Slice(piece.Start, piece.Length), App0));
            return jfif < 0 ? 1 : jfif + 1;
        }
    }

    public override (int Start, int Length) RangeOf(int storeLength) =>
        (Pieces[InsertAt].Start, storeLength + Segments(storeLength) * (SegmentHeader + JumbfHeader + BoxHeader) - BoxHeader);

    protected override byte[] WrapManifest(ReadOnlySpan<byte> store)
    {
        var box = (ushort)(Enumerable.Range(1, ushort.MaxValue).Select(number => (int?)number).FirstOrDefault(number => !_otherBoxes.Contains((ushort)number!))
            ?? throw new ImageException(ImageProblem.Corrupt, "The JPEG has more boxes of metadata than there are numbers for them. Save it without them."));
        var wrapped = new List<byte>(RangeOf(store.Length).Length);
        for (var number = 0; number < Segments(store.Length); number++)
        {
            var part = store.Slice(number * MaxInSegment, Math.Min(MaxInSegment, store.Length - number * MaxInSegment));
            var header = new byte[SegmentHeader + JumbfHeader + (number == 0 ? 0 : BoxHeader)];
            (header[0], header[1]) = (0xFF, App11);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(header.Length - 2 + part.Length));
            "JP"u8.CopyTo(header.AsSpan(4));
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), box);
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), number + 1);
            if (number > 0) store[..BoxHeader].CopyTo(header.AsSpan(SegmentHeader + JumbfHeader));
            wrapped.AddRange(header);
            wrapped.AddRange(part);
        }

        return [.. wrapped];
    }

    /// <exception cref="ArgumentOutOfRangeException">The packet does not fit into a segment.</exception>
    protected override byte[] WrapXmp(ReadOnlySpan<byte> packet)
    {
        byte[] segment = [0xFF, App1, 0, 0, .. XmpHeader, .. packet];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(segment.Length - 2, ushort.MaxValue, nameof(packet));
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)(segment.Length - 2));
        return segment;
    }

    // Behind JFIF's own segment, which must be the first.
    protected override void Insert(List<ReadOnlyMemory<byte>> kept, PieceKind kind, byte[] wrapped) =>
        kept.Insert(kept.FindLastIndex(piece => IsMarker(piece.Span, App0)) is >= 0 and var jfif ? jfif + 1 : 1, wrapped);

    private static Piece PieceOf(int at, byte marker, ReadOnlySpan<byte> content, ref ReadOnlySpan<byte> box)
    {
        var start = at + SegmentHeader;
        if (marker == App1 && content.StartsWith(XmpHeader)) return new(at, content.Length + SegmentHeader, PieceKind.Xmp, start + XmpHeader.Length, content.Length - XmpHeader.Length);
        if (marker == App11 && content.Length > JumbfHeader + BoxHeader && content.StartsWith("JP"u8))
        {
            // The first segment of a box has all of it, the description's type and the store's own type among it.
            var isFirst = content.Length >= 28 && content[12..16].SequenceEqual("jumb"u8) && content[20..24].SequenceEqual("jumd"u8) && content[24..28].SequenceEqual("c2pa"u8);
            if (isFirst && box.IsEmpty)
            {
                box = content[2..4];
                return new(at, content.Length + SegmentHeader, PieceKind.Manifest, start + JumbfHeader, content.Length - JumbfHeader);
            }

            if (!box.IsEmpty && content[2..4].SequenceEqual(box))
                return new(at, content.Length + SegmentHeader, PieceKind.Manifest, start + JumbfHeader + BoxHeader, content.Length - JumbfHeader - BoxHeader);
        }

        return new(at, content.Length + SegmentHeader);
    }

    private static bool IsMarker(ReadOnlySpan<byte> piece, byte marker) => piece is [0xFF, var found, ..] && found == marker;

    private static int Segments(int storeLength) => (storeLength + MaxInSegment - 1) / MaxInSegment;
}
