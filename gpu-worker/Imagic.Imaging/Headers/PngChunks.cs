using System.Buffers.Binary;
using System.IO.Compression;

namespace Imagic.Imaging.Headers;

/// <summary>Cuts a PNG down to what its pixels need before native code sees it. Text chunks can inflate to 50 MiB each,
/// a hundred times over; none of them is wanted.</summary>
static class PngChunks
{
    const int Overhead = 12; // length, type and CRC around a chunk's content

    /// <summary>The critical chunks, transparency and the first colour profile, the latter only after its inflated
    /// length was measured.</summary>
    public static byte[] KeepPixels(ReadOnlySpan<byte> bytes, ImageLimits limits)
    {
        var kept = new byte[bytes.Length];
        PngHeader.Signature.CopyTo(kept);
        var end = PngHeader.Signature.Length;
        var rest = bytes[end..];
        var hasProfile = false;
        while (true)
        {
            if (rest.Length < Overhead)
                throw ImageException.CutOff(ImageFormat.Png);
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - Overhead)
                throw ImageException.CutOff(ImageFormat.Png);
            var chunk = rest[..((int)length + Overhead)];
            rest = rest[chunk.Length..];

            var type = chunk[4..8];
            var keep = IsCritical(type) || type.SequenceEqual("tRNS"u8);
            if (type.SequenceEqual("iCCP"u8) && !hasProfile)
            {
                CheckProfile(chunk[8..^4], limits);
                hasProfile = keep = true;
            }
            if (keep)
            {
                chunk.CopyTo(kept.AsSpan(end));
                end += chunk.Length;
            }
            if (type.SequenceEqual("IEND"u8))
                return kept[..end];
        }
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
