using System.Buffers.Binary;

namespace Imagic.Imaging.Admission;

/// <summary>The first directory of a TIFF structure (TIFF 6.0, section 2), in which pictures and EXIF blocks say what they
/// hold. What lies outside the bytes counts as absent.</summary>
internal readonly ref struct TiffDirectory
{
    public const int EntryLength = 12;

    private readonly ReadOnlySpan<byte> _file;
    private readonly bool _little;

    /// <summary>Behind the number of entries.</summary>
    public int Start { get; }

    public int Count { get; }

    private TiffDirectory(ReadOnlySpan<byte> file, bool little, int start, int count)
    {
        _file = file;
        (_little, Start, Count) = (little, start, count);
    }

    public static bool TryRead(ReadOnlySpan<byte> file, out TiffDirectory directory)
    {
        directory = default;
        if (OffsetIn(file) is not { } at || at > file.Length - 2)
            return false;
        var little = file[0] == 'I';
        var start = (int)at + 2;
        var count = new TiffDirectory(file, little, 0, 0).U16((int)at);
        if (start + count * EntryLength > file.Length)
            return false;
        directory = new TiffDirectory(file, little, start, count);
        return true;
    }

    /// <summary>Where its header says that it is; null where there is no such header.</summary>
    public static uint? OffsetIn(ReadOnlySpan<byte> file)
    {
        var little = file.StartsWith("II*\0"u8);
        return file.Length >= 8 && (little || file.StartsWith("MM\0*"u8)) ? new TiffDirectory(file, little, 0, 0).U32(4) : null;
    }

    public ushort Tag(int entry) => U16(Start + entry * EntryLength);

    /// <summary>The first of a tag's whole numbers.</summary>
    public uint? Value(ushort tag) => Values(tag) is [var first, ..] ? first : null;

    /// <summary>A tag's whole numbers of 8, 16 or 32 bits; empty where it is absent, of another type or outside.</summary>
    public uint[] Values(ushort tag)
    {
        for (var entry = 0; entry < Count; entry++)
        {
            var at = Start + entry * EntryLength;
            if (U16(at) == tag)
                return Read(U16(at + 2), U32(at + 4), at + 8);
        }
        return [];
    }

    private uint[] Read(ushort type, uint count, int place)
    {
        var size = type switch { 1 => 1, 3 => 2, 4 => 4, _ => 0 };
        var length = (long)size * count;
        var at = length <= 4 ? (uint)place : U32(place);
        if (size == 0 || at + length > _file.Length)
            return [];
        var values = new uint[count];
        for (var i = 0; i < values.Length; i++)
            values[i] = size switch { 1 => _file[(int)at + i], 2 => U16((int)at + i * 2), _ => U32((int)at + i * 4) };
        return values;
    }

    private ushort U16(int at) => _little
        ? BinaryPrimitives.ReadUInt16LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt16BigEndian(_file[at..]);

    private uint U32(int at) => _little
        ? BinaryPrimitives.ReadUInt32LittleEndian(_file[at..]) : BinaryPrimitives.ReadUInt32BigEndian(_file[at..]);
}

/// <summary>The one EXIF tag that changes pixels (EXIF 2.32, 4.6.2 and 4.6.4).</summary>
internal static class ExifOrientation
{
    public const ushort Tag = 0x0112;

    /// <summary>1 to 8. A damaged EXIF block never makes a picture unusable: it counts as absent, 1.</summary>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];
        return TiffDirectory.TryRead(exif, out var directory) ? Of(directory) : 1;
    }

    public static int Of(TiffDirectory directory) => directory.Value(Tag) is >= 1 and <= 8 and var value ? (int)value : 1;
}
