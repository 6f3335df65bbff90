using System.Buffers.Binary;
using Imagic.Imaging.Admission;

namespace Imagic.TestKit.Fuzz;

/// <summary>CRC-32 of PNG chunks (PNG third edition, annex D).</summary>
public static class PngChecksums
{
    /// <summary>Writes the right checksum behind every chunk; other files stay as they are.</summary>
    public static byte[] Renew(byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith(PngFile.Signature))
            return bytes;
        var rest = bytes.AsSpan(PngFile.Signature.Length);
        while (rest.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(rest) is var length && length <= rest.Length - 12)
        {
            var content = rest.Slice(4, (int)length + 4);
            BinaryPrimitives.WriteUInt32BigEndian(rest[(content.Length + 4)..], Crc(content));
            rest = rest[(content.Length + 8)..];
        }
        return bytes;
    }

    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ (0xEDB8_8320 & (0 - (crc & 1)));
        }
        return ~crc;
    }
}
