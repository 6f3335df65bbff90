using System.IO.Compression;
using Imagic.Imaging.Headers;

namespace Imagic.Imaging.ImageSharp;

/// <summary>What ImageSharp leaves aside in a PNG: 2.1 does not read colour profiles, and rows that are missing stay black
/// without a word.</summary>
/// <param name="trimmed">What the trimmer has made of a file, so chunks are whole and the profile is of bearable size.</param>
readonly ref struct PngContent(ReadOnlySpan<byte> trimmed)
{
    readonly ReadOnlySpan<byte> _chunks = trimmed[PngHeader.Signature.Length..];

    /// <summary>The ICC profile; empty where there is none.</summary>
    public ReadOnlySpan<byte> Profile()
    {
        var profile = Joined("iCCP"u8);
        if (profile.Length == 0)
            return [];
        var start = profile.AsSpan().IndexOf((byte)0) + 2; // behind its name and the compression method
        using var inflated = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(profile, start, profile.Length - start), CompressionMode.Decompress))
            zlib.CopyTo(inflated);
        return inflated.ToArray();
    }

    /// <exception cref="ImageException">The pixel data are damaged, or fewer than the rows need.</exception>
    public void CheckRows()
    {
        var missing = RowBytes(Joined("IHDR"u8));
        using var rows = new ZLibStream(new MemoryStream(Joined("IDAT"u8)), CompressionMode.Decompress);
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; missing > 0 && (read = rows.Read(buffer)) > 0;)
                missing -= read;
        }
        catch (InvalidDataException e)
        {
            throw ImageException.Corrupt(ImageFormat.Png, "cannot be decoded to its end", e);
        }
        if (missing > 0)
            throw ImageException.Corrupt(ImageFormat.Png, "lacks its last rows");
    }

    /// <summary>The contents of all chunks of this type.</summary>
    byte[] Joined(ReadOnlySpan<byte> wanted)
    {
        using var joined = new MemoryStream();
        var reader = new HeaderReader(_chunks, ImageFormat.Png);
        while (reader.Left > 0)
        {
            var length = reader.U32Big();
            var type = reader.Take(4);
            var content = reader.Take(length);
            reader.Skip(4); // CRC
            if (type.SequenceEqual(wanted))
                joined.Write(content);
        }
        return joined.ToArray();
    }

    /// <summary>Bytes of all filtered rows, each with its filter's number in front.</summary>
    static long RowBytes(ReadOnlySpan<byte> header)
    {
        var reader = new HeaderReader(header, ImageFormat.Png);
        var (width, height, depth, colourType) = (reader.U32Big(), reader.U32Big(), reader.U8(), reader.U8());
        reader.Skip(2); // compression, filter
        var bits = depth * colourType switch { 0 or 3 => 1, 4 => 2, 2 => 3, _ => 4 };
        if (reader.U8() == 0)
            return Bytes(width, height);
        long bytes = 0; // Adam7: where each pass begins, and how far apart its pixels are
        foreach (var (x, y, across, down) in ((int, int, int, int)[])
                 [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)])
            bytes += Bytes((width + across - 1 - x) / across, (height + down - 1 - y) / down);
        return bytes;

        long Bytes(long columns, long rows) => columns == 0 ? 0 : rows * (1 + (columns * bits + 7) / 8);
    }
}
