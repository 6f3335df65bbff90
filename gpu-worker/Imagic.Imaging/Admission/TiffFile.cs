using System.Buffers.Binary;

namespace Imagic.Imaging.Admission;

/// <summary>The first picture of a TIFF (TIFF 6.0, part 1).</summary>
internal static class TiffFile
{
    private const ushort ImageWidth = 256, ImageLength = 257, BitsPerSample = 258, Compression = 259, StripOffsets = 273,
        SamplesPerPixel = 277, StripByteCounts = 279, ColourMap = 320, TileWidth = 322, ExtraSamples = 338;

    private const ushort NewSubfileType = 254, DngVersion = 50706;

    /// <summary>What tells about pixels, the colour profile (34675) included; no EXIF, XMP, thumbnails or vendors' tags.
    /// </summary>
    private static readonly HashSet<ushort> Kept =
    [
        ImageWidth, ImageLength, BitsPerSample, Compression, 262, 266, StripOffsets, SamplesPerPixel, 278, StripByteCounts, 284,
        292, 293, 317, ColourMap, ExtraSamples, 339, 347, 529, 530, 531, 532, 34675,
    ];

    /// <summary>Cameras' raw files begin like a TIFF and hold a thumbnail in its place.</summary>
    public static bool IsRaw(ReadOnlySpan<byte> bytes) => bytes.Length > 10 && bytes[8..10].SequenceEqual("CR"u8)
        || TiffDirectory.TryRead(bytes, out var directory)
        && (directory.Value(DngVersion) is not null || (directory.Value(NewSubfileType) & 1) == 1);

    public static ImageHeader ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var directory = Directory(bytes);
        if (directory.Value(TileWidth) is not null)
            throw ImageException.Rare(ImageFormat.Tiff); // ImageSharp 2.1 knows strips alone
        var (width, height) = (directory.Value(ImageWidth) ?? 0, directory.Value(ImageLength) ?? 0);
        var bands = directory.Values(ColourMap).Length > 0 ? 3 : Math.Min(directory.Value(SamplesPerPixel) ?? 1, 255);
        return new ImageHeader(
            ImageFormat.Tiff, (int)Math.Min(width, int.MaxValue), (int)Math.Min(height, int.MaxValue),
            ExifOrientation.Of(directory), (int)bands, directory.Value(ExtraSamples) is 1 or 2);
    }

    /// <summary>A copy with one directory of the entries that are needed, all of whose strips are there.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes)
    {
        var directory = Directory(bytes);
        CheckStrips(bytes, directory);
        var trimmed = bytes.ToArray();
        var to = directory.Start;
        ushort count = 0;
        for (var entry = 0; entry < directory.Count; entry++)
        {
            if (!Kept.Contains(directory.Tag(entry)))
                continue;
            bytes.Slice(directory.Start + entry * TiffDirectory.EntryLength, TiffDirectory.EntryLength).CopyTo(trimmed.AsSpan(to));
            to += TiffDirectory.EntryLength;
            count++;
        }
        trimmed.AsSpan(to, Math.Min(4, trimmed.Length - to)).Clear(); // no further directory
        if (bytes[0] == 'I')
            BinaryPrimitives.WriteUInt16LittleEndian(trimmed.AsSpan(directory.Start - 2), count);
        else
            BinaryPrimitives.WriteUInt16BigEndian(trimmed.AsSpan(directory.Start - 2), count);
        return trimmed;
    }

    private static TiffDirectory Directory(ReadOnlySpan<byte> bytes) =>
        TiffDirectory.TryRead(bytes, out var directory) ? directory : throw ImageException.CutOff(ImageFormat.Tiff);

    private static void CheckStrips(ReadOnlySpan<byte> bytes, TiffDirectory directory)
    {
        var (offsets, lengths) = (directory.Values(StripOffsets), directory.Values(StripByteCounts));
        if (offsets.Length == 0 || offsets.Length != lengths.Length)
            throw ImageException.CutOff(ImageFormat.Tiff);
        long held = 0;
        for (var i = 0; i < offsets.Length; held += lengths[i++])
        {
            if (offsets[i] + (long)lengths[i] > bytes.Length)
                throw ImageException.CutOff(ImageFormat.Tiff);
        }
        var bits = directory.Values(BitsPerSample).DefaultIfEmpty(1u).Sum(bits => (long)bits);
        var pixels = (long)(directory.Value(ImageWidth) ?? 0) * (directory.Value(ImageLength) ?? 0);
        if (directory.Value(Compression) is null or 1 && held < pixels * bits / 8)
            throw ImageException.Corrupt(ImageFormat.Tiff, "lacks its last rows");
    }
}
