namespace Imagic.Imaging.Admission;

/// <summary>A Windows bitmap's two headers (BITMAPFILEHEADER; BITMAPCOREHEADER or BITMAPINFOHEADER and its successors).</summary>
internal static class BmpFile
{
    /// <summary>File header and the shorter of the info headers.</summary>
    public const int MinLength = FileHeader + CoreHeader;

    private const int FileHeader = 14, CoreHeader = 12;

    private const uint Uncompressed = 0, BitFields = 3, AlphaBitFields = 6;

    public static ImageHeader ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var info = Read(bytes);
        var alpha = info.Bits == 32 && info.Compression is BitFields or AlphaBitFields; // else the fourth byte means nothing
        return new ImageHeader(ImageFormat.Bmp, info.Width, info.Height, 1, alpha ? 4 : 3, alpha);
    }

    /// <summary>Nothing of a bitmap is to be left out, but all rows must be there: decoders leave missing ones black.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes)
    {
        var info = Read(bytes);
        var rows = info.Compression is Uncompressed or BitFields or AlphaBitFields
            ? (((long)info.Width * info.Bits + 31) / 32 * 4) * info.Height : info.DataLength;
        return info.DataStart + rows <= bytes.Length ? bytes : throw ImageException.CutOff(ImageFormat.Bmp);
    }

    private static (int Width, int Height, int Bits, uint Compression, uint DataStart, uint DataLength) Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes, ImageFormat.Bmp);
        reader.Skip(10); // signature, length of the file, reserved
        var (start, header) = (reader.U32Little(), reader.U32Little());
        if (header == CoreHeader)
        {
            var (columns, rows) = (reader.U16Little(), reader.U16Little());
            reader.Skip(2); // planes
            return (columns, rows, reader.U16Little(), Uncompressed, start, 0);
        }
        if (header is < 40 or > 124)
            throw ImageException.Corrupt(ImageFormat.Bmp, "has a header of unknown kind");
        var (width, height) = (reader.S32Little(), reader.S32Little());
        reader.Skip(2); // planes
        var (bits, compression, length) = (reader.U16Little(), reader.U32Little(), reader.U32Little());
        // A negative height says that the top row comes first.
        return (width, height == int.MinValue ? 0 : Math.Abs(height), bits, compression, start, length);
    }
}
