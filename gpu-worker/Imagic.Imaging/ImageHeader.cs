using Imagic.Imaging.Admission;

namespace Imagic.Imaging;

/// <summary>What a picture's header says.</summary>
/// <param name="Format">By content, never by name.</param>
/// <param name="Width">Pixels per row as stored, before <paramref name="Orientation"/>.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="Orientation">1 to 8 as in EXIF (tag 0x0112); 1 where there is none.</param>
/// <param name="Bands">Stored colour channels, alpha included; a palette counts as its 3 colours.</param>
/// <param name="HasAlpha">Pixels may be transparent.</param>
public sealed record ImageHeader(
    ImageFormat Format, int Width, int Height, int Orientation, int Bands, bool HasAlpha)
{
    /// <summary>Orientations 5 to 8 exchange rows and columns.</summary>
    private bool IsTurned => Orientation >= 5;

    /// <summary>Width as a person sees the picture.</summary>
    public int OrientedWidth => IsTurned ? Height : Width;

    /// <summary>Height as a person sees the picture.</summary>
    public int OrientedHeight => IsTurned ? Width : Height;

    /// <summary>In front of a JPEG's frame header: phones put maps of depth there, of a few megabytes.</summary>
    public const int MaxMetadataBytes = 16 * 1024 * 1024;

    /// <summary>So many bytes of a file hold its header, or show that it is not accepted; a TIFF's directory apart.</summary>
    public const int MaxStartBytes = MaxMetadataBytes + 2 * ushort.MaxValue;

    /// <summary>The longest directory of a TIFF: so many entries as 16 bits can count.</summary>
    public const int MaxTiffDirectoryBytes = 2 + ushort.MaxValue * TiffDirectory.EntryLength;

    /// <summary>Where a TIFF's directory is, mostly at its end; null in another file.</summary>
    /// <param name="start">8 bytes do.</param>
    public static long? TiffDirectoryOffset(ReadOnlySpan<byte> start) => TiffDirectory.OffsetIn(start);

    /// <summary>Reads the header of a TIFF of which its first bytes and its directory are there. A palette counts as 1
    /// channel then.</summary>
    /// <inheritdoc cref="Read"/>
    public static ImageHeader ReadTiff(ReadOnlySpan<byte> start, ReadOnlySpan<byte> directory) =>
        Read([.. start[..4], .. (ReadOnlySpan<byte>)(start[0] == 'I' ? [8, 0, 0, 0] : [0, 0, 0, 8]), .. directory]);

    /// <summary>Reads the header alone: no pixel is decoded. A prefix of the file does (64 KiB for nearly all pictures), but
    /// a WebP's orientation stands at its end and is 1 then, and a TIFF's directory may stand anywhere.</summary>
    /// <exception cref="ImageException">No accepted format, or the header is cut off or damaged.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> encoded)
    {
        var format = FormatSniffer.Identify(encoded);
        var header = format switch
        {
            ImageFormat.Jpeg => JpegFile.ReadHeader(encoded),
            ImageFormat.Png => PngFile.ReadHeader(encoded),
            ImageFormat.WebP => WebPFile.ReadHeader(encoded),
            ImageFormat.Gif => GifFile.ReadHeader(encoded),
            ImageFormat.Bmp => BmpFile.ReadHeader(encoded),
            _ => TiffFile.ReadHeader(encoded),
        };
        return header is { Width: > 0, Height: > 0 } ? header
            : throw ImageException.Corrupt(format, $"declares a size of {header.Width} x {header.Height}");
    }
}
