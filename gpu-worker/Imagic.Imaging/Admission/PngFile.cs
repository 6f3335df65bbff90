using System.Buffers;
using System.IO.Compression;
using Imagic.Imaging.Colours;

namespace Imagic.Imaging.Admission;

/// <summary>A PNG's chunks (PNG third edition, sections 5, 8 and 11).</summary>
internal static class PngFile
{
    /// <summary>Length, type and checksum around a chunk's content.</summary>
    private const int ChunkOverhead = 12;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private static ReadOnlySpan<byte> End => [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82];

    public static ImageHeader ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var reader = new HeaderReader(bytes[Signature.Length..], ImageFormat.Png);
        var length = reader.U32Big();
        var first = reader.Take(4);
        if (first.SequenceEqual("CgBI"u8))
            throw FormatSniffer.NotAccepted("a PNG in Apple's own form (CgBI)");
        if (length != 13 || !first.SequenceEqual("IHDR"u8))
            throw ImageException.Corrupt(ImageFormat.Png, "does not begin with its header chunk");
        var (width, height) = (reader.U32Big(), reader.U32Big());
        if (width > int.MaxValue || height > int.MaxValue)
            throw ImageException.Corrupt(ImageFormat.Png, "declares an impossible size");
        reader.Skip(1); // bit depth
        var (bands, alpha) = reader.U8() switch
        {
            0 => (1, false),
            2 or 3 => (3, false),
            4 => (2, true),
            6 => (4, true),
            var other => throw ImageException.Corrupt(ImageFormat.Png, $"has the unknown colour type {other}"),
        };
        reader.Skip(3 + 4); // compression, filter, interlace; CRC

        var orientation = 1;
        while (reader.Left >= ChunkOverhead && HeaderReader.U32Big(reader.Rest) + (long)ChunkOverhead <= reader.Left) // may be only a prefix of the file
        {
            var chunk = Chunk.Next(ref reader);
            if (chunk.Is("tRNS"u8) && !alpha)
                (bands, alpha) = (bands + 1, true);
            else if (chunk.Is("eXIf"u8))
                orientation = ExifOrientation.Read(chunk.Content);
        }
        return new ImageHeader(ImageFormat.Png, (int)width, (int)height, orientation, bands, alpha);
    }

    /// <summary>Keeps the critical chunks, the transparency, what tells the colours, and of profiles the first that can be
    /// inflated. The end chunk may be missing, but no row.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ImageLimits limits)
    {
        var kept = new ArrayBufferWriter<byte>(bytes.Length + End.Length);
        kept.Write(Signature);
        using var data = new MemoryStream();
        var reader = new HeaderReader(bytes[Signature.Length..], ImageFormat.Png);
        ReadOnlySpan<byte> header = [];
        var hasProfile = false;
        while (reader.Left >= ChunkOverhead)
        {
            var chunk = Chunk.Next(ref reader);
            if (chunk.Is("IEND"u8))
                break;
            if (header.IsEmpty)
                header = chunk.Content;
            if (chunk.Is("IDAT"u8))
                data.Write(chunk.Content);
            if (chunk.IsCritical || chunk.Is("tRNS"u8) || chunk.IsColour
                || chunk.Is("iCCP"u8) && !hasProfile && (hasProfile = Inflate(chunk.Content, limits).Length > 0))
            {
                kept.Write(chunk.Whole);
            }
        }
        CheckRows(header, data);
        kept.Write(End);
        return kept.WrittenSpan;
    }

    /// <summary>What the samples of a trimmed file mean, by the first of cICP, iCCP, sRGB, and gAMA with cHRM (4.3). ImageSharp
    /// 2.1 reads none of them.</summary>
    public static ColourProfile Colours(ReadOnlySpan<byte> trimmed, ImageLimits limits)
    {
        ReadOnlySpan<byte> codePoints = [], icc = [], gamma = [], chromaticities = [];
        var isSrgb = false;
        var reader = new HeaderReader(trimmed[Signature.Length..], ImageFormat.Png);
        while (reader.Left > 0)
        {
            var chunk = Chunk.Next(ref reader);
            if (chunk.Is("cICP"u8)) codePoints = chunk.Content;
            else if (chunk.Is("iCCP"u8)) icc = Inflate(chunk.Content, limits);
            else if (chunk.Is("sRGB"u8)) isSrgb = true;
            else if (chunk.Is("gAMA"u8)) gamma = chunk.Content;
            else if (chunk.Is("cHRM"u8)) chromaticities = chunk.Content;
        }

        if (!codePoints.IsEmpty) return ColourProfile.OfCodePoints(codePoints);
        if (!icc.IsEmpty) return ColourProfile.OfIcc(icc);
        return isSrgb || gamma.IsEmpty ? ColourProfile.Srgb : ColourProfile.OfGamma(gamma, chromaticities);
    }

    private readonly ref struct Chunk(ReadOnlySpan<byte> whole)
    {
        public ReadOnlySpan<byte> Whole { get; } = whole;

        public ReadOnlySpan<byte> Content => Whole[8..^4];

        /// <summary>Bit 5 of the type's first letter: capitals are critical (5.4).</summary>
        public bool IsCritical => (Whole[4] & 0x20) == 0;

        /// <summary>A chunk of fixed length that tells what the samples mean.</summary>
        public bool IsColour => (Content.Length, Is("cICP"u8), Is("gAMA"u8), Is("cHRM"u8), Is("sRGB"u8)) is
            (4, true, _, _, _) or (4, _, true, _, _) or (32, _, _, true, _) or (1, _, _, _, true);

        public bool Is(ReadOnlySpan<byte> type) => Whole[4..8].SequenceEqual(type);

        public static Chunk Next(scoped ref HeaderReader reader) =>
            new(reader.Take(reader.Left < 4 ? ChunkOverhead : ChunkOverhead + (long)HeaderReader.U32Big(reader.Rest)));
    }

    /// <param name="profile">Name, 0, method, zlib stream.</param>
    /// <returns>Empty for a profile that cannot be read: that is common, and browsers ignore it.</returns>
    private static byte[] Inflate(ReadOnlySpan<byte> profile, ImageLimits limits)
    {
        var name = profile.IndexOf((byte)0);
        if (name < 0 || name + 2 > profile.Length)
            return [];
        using var inflated = new MemoryStream();
        using var zlib = new ZLibStream(new MemoryStream(profile[(name + 2)..].ToArray()), CompressionMode.Decompress);
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = zlib.Read(buffer)) > 0;)
            {
                inflated.Write(buffer, 0, read);
                if (inflated.Length > limits.MaxProfileBytes)
                {
                    throw ImageException.TooLarge(
                        $"The PNG's colour profile inflates to more than {limits.MaxProfileBytes:N0} bytes. Save the picture without it.");
                }
            }
        }
        catch (Exception e) when (IsBadZlib(e))
        {
            return [];
        }
        return inflated.ToArray();
    }

    /// <summary>A stream that is damaged where zlib does not expect it comes out as an <see cref="IOException"/>.</summary>
    private static bool IsBadZlib(Exception exception) => exception is InvalidDataException or IOException;

    /// <summary>ImageSharp would leave rows that are missing black, without a word.</summary>
    /// <exception cref="ImageException">The pixel data are damaged, or fewer than the rows need.</exception>
    private static void CheckRows(ReadOnlySpan<byte> header, MemoryStream data)
    {
        var missing = RowBytes(header);
        data.Position = 0;
        using var rows = new ZLibStream(data, CompressionMode.Decompress);
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; missing > 0 && (read = rows.Read(buffer)) > 0;)
                missing -= read;
        }
        catch (Exception e) when (IsBadZlib(e))
        {
            throw ImageException.Corrupt(ImageFormat.Png, "cannot be decoded to its end", e);
        }
        if (missing > 0)
            throw ImageException.Corrupt(ImageFormat.Png, "lacks its last rows");
    }

    /// <summary>Bytes of all filtered rows, each with its filter's number in front.</summary>
    private static long RowBytes(ReadOnlySpan<byte> header)
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
        {
            bytes += Bytes((width + across - 1 - x) / across, (height + down - 1 - y) / down);
        }

        return bytes;

        long Bytes(long columns, long rows) => columns == 0 ? 0 : rows * (1 + (columns * bits + 7) / 8);
    }
}
