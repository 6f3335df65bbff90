using System.Buffers.Binary;
using System.Security.Cryptography;
using Imagic.Tests;

namespace Imagic.Functions.Tests;

/// <summary>Files to send.</summary>
internal static class Pictures
{
    /// <summary>256 x 256 pixels.</summary>
    public static byte[] Cat { get; } = File.ReadAllBytes(Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "cat-face.png"));

    /// <summary>Another one.</summary>
    public static byte[] Heart { get; } = File.ReadAllBytes(Path.Combine(RepositoryFiles.Model("emoji-64"), "samples", "red-heart.png"));

    public static string Sha256(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));

    /// <summary>A JPEG whose size stands behind so many bytes of metadata.</summary>
    public static byte[] JpegWithMetadata(int bytes)
    {
        var jpeg = Seed("baseline.jpg");
        using var file = new MemoryStream();
        file.Write(jpeg.AsSpan(0, 2));
        for (var left = bytes; left > 0; left -= 60_000)
        {
            // APP13, as editors write it.
            var length = Math.Min(left, 60_000);
            file.Write([0xFF, 0xED, (byte)((length + 2) >> 8), (byte)(length + 2)]);
            file.Write(new byte[length]);
        }

        file.Write(jpeg.AsSpan(2));
        return file.ToArray();
    }

    /// <summary>A TIFF of 32 x 24 pixels, upright, whose directory stands behind so many bytes.</summary>
    public static byte[] TiffWithDirectoryBehind(int bytes)
    {
        var tiff = Seed("turned-deflate.tiff");
        var moved = new byte[bytes + tiff.Length];
        tiff.CopyTo(moved, 0);
        var directory = BinaryPrimitives.ReadInt32LittleEndian(tiff.AsSpan(4));
        tiff.AsSpan(directory).CopyTo(moved.AsSpan(bytes));
        BinaryPrimitives.WriteInt32LittleEndian(moved.AsSpan(4), bytes);
        return moved;
    }

    /// <summary>A PNG that declares this size; nothing more of it is right.</summary>
    public static byte[] PngOfSize(int width, int height)
    {
        var png = Cat.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        return png;
    }

    /// <summary>A file of this length with a right header.</summary>
    public static byte[] OfLength(int bytes)
    {
        var file = new byte[bytes];
        new Random(1).NextBytes(file);
        Cat.CopyTo(file, 0);
        return file;
    }

    private static byte[] Seed(string name) =>
        File.ReadAllBytes(Path.Combine(RepositoryFiles.Root, "tests", "Imagic.TestKit", "Fuzz", "Seeds", name));
}
