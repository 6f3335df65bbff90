using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Imagic.Training.DataSet;

/// <summary>A plain colour behind a drawing.</summary>
public sealed record Background(string Name, byte Red, byte Green, byte Blue)
{
    public static Background White { get; } = new("white", 255, 255, 255);

    static readonly Background[] Colours =
    [
        new("light grey", 214, 216, 220), new("grey", 136, 140, 146), new("dark grey", 62, 65, 70), new("black", 8, 8, 10),
        new("light blue", 183, 219, 246), new("blue", 52, 104, 196), new("dark blue", 24, 40, 92),
        new("light green", 193, 232, 193), new("green", 62, 148, 84), new("dark green", 24, 72, 44),
        new("yellow", 250, 226, 120), new("beige", 238, 225, 200), new("orange", 240, 160, 76), new("brown", 118, 80, 54),
        new("pink", 250, 194, 212), new("red", 198, 54, 54), new("purple", 132, 88, 176), new("turquoise", 88, 196, 192),
    ];

    /// <summary>Different colours for one drawing. They hang on the seed and the drawing alone, so that leaving sets out
    /// changes nothing about the others.</summary>
    public static IEnumerable<Background> Choose(int seed, string style, string codePoints, int count) =>
        Colours.OrderBy(colour => Draw(seed, $"{style}/{codePoints}/{colour.Name}")).Take(count);

    public void Deconstruct(out byte red, out byte green, out byte blue) => (red, green, blue) = (Red, Green, Blue);

    public static int Count => Colours.Length;

    /// <summary>64 bits that look random: the start of a SHA-256.</summary>
    internal static ulong Draw(int seed, string what) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{what}")));
}
