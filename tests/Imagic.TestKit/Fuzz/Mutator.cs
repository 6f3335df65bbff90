using System.Buffers.Binary;

namespace Imagic.TestKit.Fuzz;

/// <summary>Damages files the way transfers, bad programs and attackers do.</summary>
public sealed class Mutator(Random random, byte[][] seeds)
{
    /// <summary>Values at which lengths and sizes go wrong.</summary>
    private static readonly uint[] Extremes =
        [0, 1, 2, 0x7F, 0xFF, 0x100, 0x3FFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF];

    public byte[] Next()
    {
        var bytes = Seed();
        do
            bytes = Change(bytes);
        while (bytes.Length > 0 && random.Next(3) == 0);
        // Without new checksums nearly every damaged PNG ends at the first of them.
        return random.Next(2) == 0 ? bytes : PngChecksums.Renew(bytes);
    }

    private byte[] Change(byte[] bytes) => random.Next(8) switch
    {
        0 => FlipBits(bytes),
        1 => bytes[..random.Next(bytes.Length)],
        2 => Splice(bytes, Seed()),
        3 => Splice(bytes, bytes),
        4 => Remove(bytes),
        5 => LieAboutFormat(bytes),
        6 => Fill(bytes),
        _ => OverwriteNumber(bytes),
    };

    private byte[] Seed() => [.. seeds[random.Next(seeds.Length)]];

    private byte[] FlipBits(byte[] bytes)
    {
        for (var flips = random.Next(1, 17); flips > 0; flips--)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    /// <summary>A piece of one file in the middle of another.</summary>
    private byte[] Splice(byte[] bytes, byte[] other)
    {
        var (at, piece) = (random.Next(bytes.Length + 1), Range(other));
        return [.. bytes[..at], .. other[piece], .. bytes[at..]];
    }

    private byte[] Remove(byte[] bytes)
    {
        var gap = Range(bytes);
        return [.. bytes[..gap.Start], .. bytes[gap.End..]];
    }

    /// <summary>The first bytes of one format, the rest of another.</summary>
    private byte[] LieAboutFormat(byte[] bytes)
    {
        var head = Seed().AsSpan(0, random.Next(1, 32));
        return [.. head, .. bytes.AsSpan(Math.Min(head.Length, bytes.Length))];
    }

    private byte[] Fill(byte[] bytes)
    {
        var range = Range(bytes);
        bytes.AsSpan(range).Fill(random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) });
        return bytes;
    }

    /// <summary>Mostly in the first bytes, where sizes and lengths stand.</summary>
    private byte[] OverwriteNumber(byte[] bytes)
    {
        if (bytes.Length < 4)
            return bytes;
        var at = bytes.AsSpan(random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Length - 3) : bytes.Length - 3));
        var value = Extremes[random.Next(Extremes.Length)];
        switch (random.Next(4))
        {
            case 0: BinaryPrimitives.WriteUInt32BigEndian(at, value); break;
            case 1: BinaryPrimitives.WriteUInt32LittleEndian(at, value); break;
            case 2: BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)value); break;
            default: BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)value); break;
        }
        return bytes;
    }

    private Range Range(byte[] bytes)
    {
        var start = random.Next(bytes.Length);
        return start..random.Next(start, Math.Min(bytes.Length, start + 256) + 1);
    }
}
