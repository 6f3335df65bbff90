using System.Buffers.Binary;
using System.IO.Compression;
using Imagic.Imaging.Admission;
using Imagic.TestKit.Fuzz;

namespace Imagic.Imaging.Tests;

/// <summary>Files written byte by byte, where no encoder would write them.</summary>
internal static class Files
{
    /// <summary>A PNG of these filtered rows.</summary>
    /// <param name="colourType">0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.</param>
    public static byte[] Png(int width, int height, byte depth, byte colourType, byte[] rows, params byte[][] chunksBefore)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (depth, colourType);
        return [.. PngFile.Signature, .. Chunk("IHDR", header), .. chunksBefore.SelectMany(chunk => chunk),
            .. Chunk("IDAT", Deflate(rows)), .. Chunk("IEND", [])];
    }

    public static byte[] Chunk(string type, byte[] content)
    {
        byte[] named = [.. type.Select(c => (byte)c), .. content];
        var chunk = new byte[named.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        named.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(named.Length + 4), PngChecksums.Crc(named));
        return chunk;
    }

    public static IEnumerable<string> ChunkTypes(byte[] png)
    {
        for (var at = PngFile.Signature.Length; at < png.Length; at += BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at)) + 12)
            yield return System.Text.Encoding.ASCII.GetString(png, at + 4, 4);
    }

    public static byte[] Deflate(byte[] bytes)
    {
        using var deflated = new MemoryStream();
        using (var zlib = new ZLibStream(deflated, CompressionLevel.Optimal))
            zlib.Write(bytes);
        return deflated.ToArray();
    }

    /// <summary>An EXIF segment with nothing but the orientation, behind the JPEG's first marker.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation) =>
        [.. jpeg[..2], 0xFF, 0xE1, 0, 2 + 6 + 26, .. "Exif\0\0"u8, .. Exif(orientation), .. jpeg[2..]];

    /// <summary>A TIFF structure of one directory with one entry.</summary>
    public static byte[] Exif(int orientation) =>
        [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
}
