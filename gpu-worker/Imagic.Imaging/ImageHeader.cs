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
    bool IsTurned => Orientation >= 5;

    /// <summary>Width as a person sees the picture.</summary>
    public int OrientedWidth => IsTurned ? Height : Width;

    /// <summary>Height as a person sees the picture.</summary>
    public int OrientedHeight => IsTurned ? Width : Height;

    /// <summary>Reads the header alone: no pixel is decoded. A prefix of the file does (64 KiB for nearly all pictures), but
    /// a WebP's orientation stands at its end and is 1 then, and a TIFF's header may stand anywhere.</summary>
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
