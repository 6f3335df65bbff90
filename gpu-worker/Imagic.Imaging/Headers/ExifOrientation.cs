using System.Buffers.Binary;

namespace Imagic.Imaging.Headers;

/// <summary>The one EXIF tag that changes pixels: orientation, tag 0x0112 in the first directory of a TIFF structure
/// (EXIF 2.32, 4.6.2 and 4.6.4).</summary>
static class ExifOrientation
{
    const ushort Tag = 0x0112;
    const int EntryLength = 12;

    /// <summary>1 to 8. A damaged EXIF block never makes a picture unusable: it counts as absent, 1.</summary>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];
        var little = exif.StartsWith("II*\0"u8);
        if (!little && !exif.StartsWith("MM\0*"u8) || exif.Length < 8)
            return 1;

        var directory = U32(exif[4..], little);
        if (directory > exif.Length - 2)
            return 1;
        var entries = exif[(int)directory..];
        var count = U16(entries, little);
        entries = entries[2..];
        for (; count > 0 && entries.Length >= EntryLength; count--, entries = entries[EntryLength..])
        {
            if (U16(entries, little) == Tag)
                return U16(entries[8..], little) is >= 1 and <= 8 and var value ? value : 1;
        }
        return 1;
    }

    static ushort U16(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    static uint U32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
