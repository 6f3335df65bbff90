using System.Buffers;
using System.IO.Compression;
using Imagic.Imaging.Headers;

namespace Imagic.Imaging.Trimming;

/// <summary>Keeps a PNG's critical chunks, its transparency and its first colour profile, the latter only after its
/// inflated length was measured. libpng would inflate text chunks to 50 MiB each, a hundred times over.</summary>
static class PngTrimmer
{
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> bytes, ImageLimits limits)
    {
        var kept = new ArrayBufferWriter<byte>(bytes.Length);
        kept.Write(PngHeader.Signature);
        var reader = new HeaderReader(bytes[PngHeader.Signature.Length..], ImageFormat.Png);
        var hasProfile = false;
        while (true)
        {
            var chunk = Chunk(ref reader);
            var type = chunk[4..8];
            var keep = IsCritical(type) || type.SequenceEqual("tRNS"u8);
            if (type.SequenceEqual("iCCP"u8) && !hasProfile)
            {
                CheckProfile(chunk[8..^4], limits);
                hasProfile = keep = true;
            }
            if (keep)
                kept.Write(chunk);
            if (type.SequenceEqual("IEND"u8))
                return kept.WrittenSpan;
        }
    }

    /// <summary>Length, type, content and checksum.</summary>
    static ReadOnlySpan<byte> Chunk(scoped ref HeaderReader reader)
    {
        var rest = reader.Rest;
        var length = reader.U32Big();
        reader.Skip(4L + length + 4);
        return rest[..^reader.Left];
    }

    /// <summary>Bit 5 of the first letter: capitals are critical (PNG third edition, 5.4).</summary>
    static bool IsCritical(ReadOnlySpan<byte> type) => (type[0] & 0x20) == 0;

    /// <param name="profile">Name, 0, method, zlib stream.</param>
    static void CheckProfile(ReadOnlySpan<byte> profile, ImageLimits limits)
    {
        var name = profile.IndexOf((byte)0);
        if (name < 0 || name + 2 > profile.Length)
            throw ImageException.Corrupt(ImageFormat.Png, "has a malformed colour profile");
        using var inflated = new ZLibStream(new MemoryStream(profile[(name + 2)..].ToArray()), CompressionMode.Decompress);
        var buffer = new byte[64 * 1024];
        try
        {
            for (int total = 0, read; (read = inflated.Read(buffer)) > 0;)
            {
                if ((total += read) > limits.MaxProfileBytes)
                    throw ImageException.TooLarge(
                        $"The PNG's colour profile inflates to more than {limits.MaxProfileBytes:N0} bytes. Save the picture without it.");
            }
        }
        catch (InvalidDataException e)
        {
            throw ImageException.Corrupt(ImageFormat.Png, "has a damaged colour profile", e);
        }
    }
}
