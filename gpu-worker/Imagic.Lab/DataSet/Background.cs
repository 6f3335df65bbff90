using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Imagic.Imaging;

namespace Imagic.Lab.DataSet;

/// <summary>A plain colour behind a drawing.</summary>
public sealed record Background(string Name, byte Red, byte Green, byte Blue)
{
    public static Background White { get; } = new("white", 255, 255, 255);

    /// <summary>Those that captions name.</summary>
    public static IReadOnlyList<Background> Colours { get; } =
    [
        new("light grey", 214, 216, 220), new("grey", 136, 140, 146), new("dark grey", 62, 65, 70), new("black", 8, 8, 10),
        new("light blue", 183, 219, 246), new("blue", 52, 104, 196), new("dark blue", 24, 40, 92),
        new("light green", 193, 232, 193), new("green", 62, 148, 84), new("dark green", 24, 72, 44),
        new("yellow", 250, 226, 120), new("beige", 238, 225, 200), new("orange", 240, 160, 76), new("brown", 118, 80, 54),
        new("pink", 250, 194, 212), new("red", 198, 54, 54), new("purple", 132, 88, 176), new("turquoise", 88, 196, 192),
    ];

    /// <summary>The picture of a drawing in front of it.</summary>
    /// <param name="side">Width and height.</param>
    /// <param name="drawing">(side, side, 4), premultiplied.</param>
    public RgbImage Behind(ReadOnlySpan<byte> drawing, int side)
    {
        var pixels = new byte[side * side * 3];
        for (int from = 0, to = 0; to < pixels.Length; from += 4, to += 3)
        {
            var through = 255 - drawing[from + 3];
            pixels[to] = Over(drawing[from], Red, through);
            pixels[to + 1] = Over(drawing[from + 1], Green, through);
            pixels[to + 2] = Over(drawing[from + 2], Blue, through);
        }
        return new RgbImage(side, side, pixels);
    }

    private static byte Over(byte drawing, byte behind, int through) => (byte)Math.Min(drawing + (behind * through + 127) / 255, 255);

    /// <summary>Different colours for one drawing. They hang on the seed and the drawing alone, so that leaving drawings out
    /// changes nothing about the others.</summary>
    public static Background[] Choose(long seed, string drawing, int count) =>
        [.. Colours.OrderBy(colour => Draw(seed, $"{drawing}/{colour.Name}")).Take(count)];

    /// <summary>64 bits that look random: the start of a SHA-256.</summary>
    internal static ulong Draw(long seed, string what) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{what}")));
}
