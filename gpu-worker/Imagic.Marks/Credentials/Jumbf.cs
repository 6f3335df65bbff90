using System.Buffers.Binary;
using System.Text;

namespace Imagic.Marks.Credentials;

/// <summary>A box of JUMBF (ISO 19566-5): a superbox, whose description gives it a type and a label. What C2PA needs of it.</summary>
/// <param name="Type">First four letters of the type; C2PA's types share the rest.</param>
/// <param name="Label">Name among its siblings.</param>
/// <param name="Whole">The box with its header.</param>
/// <param name="Boxes">The superboxes in it.</param>
/// <param name="Content">What is in its first box that is none.</param>
internal sealed record Jumbf(string Type, string Label, ReadOnlyMemory<byte> Whole, IReadOnlyList<Jumbf> Boxes, ReadOnlyMemory<byte> Content)
{
    public const string Store = "c2pa", Manifest = "c2ma", Assertions = "c2as", Claim = "c2cl", Signature = "c2cs", Cbor = "cbor";

    private const int Header = 8, TypeLength = 16, MostDeep = 8, MostBoxes = 10_000;

    // The description: requestable, with a label.
    private const byte Toggles = 0x03;

    private static ReadOnlySpan<byte> TypeTail => [0x00, 0x11, 0x00, 0x10, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

    /// <summary>What C2PA's hashes of a box are over.</summary>
    public ReadOnlyMemory<byte> Hashed => Whole[Header..];

    public Jumbf? Find(string label) => Boxes.FirstOrDefault(box => box.Label == label);

    /// <summary>Writes a superbox.</summary>
    public static byte[] Write(string type, string label, params ReadOnlySpan<byte[]> boxes)
    {
        byte[] description = [.. Encoding.ASCII.GetBytes(type), .. TypeTail, Toggles, .. Encoding.UTF8.GetBytes(label), 0];
        var all = new List<byte>();
        all.AddRange(Box("jumd", description));
        foreach (var box in boxes) all.AddRange(box);
        return Box("jumb", [.. all]);
    }

    /// <summary>Writes a superbox around CBOR.</summary>
    public static byte[] WriteCbor(string type, string label, byte[] cbor) => Write(type, label, Box("cbor", cbor));

    /// <summary>Reads a superbox, any bytes.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Jumbf Read(ReadOnlyMemory<byte> bytes)
    {
        var left = MostBoxes;
        var (type, content, whole) = Next(bytes);
        return type == "jumb" ? Superbox(content, whole, 0, ref left) : throw Bad("does not begin with a superbox");
    }

    private static Jumbf Superbox(ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> whole, int depth, ref int left)
    {
        if (depth > MostDeep || --left < 0) throw Bad("has too many boxes");
        var (type, description, descriptionBox) = Next(content);
        var span = description.Span;
        if (type != "jumd" || span.Length < TypeLength + 2 || (span[TypeLength] & Toggles) != Toggles) throw Bad("has a box without description or label");
        var label = span[(TypeLength + 1)..];
        var end = label.IndexOf((byte)0);
        if (end < 0) throw Bad("has a label without end");
        var boxes = new List<Jumbf>();
        ReadOnlyMemory<byte>? plain = null;
        for (var rest = content[descriptionBox.Length..]; rest.Length > 0;)
        {
            var (kind, inside, box) = Next(rest);
            if (kind == "jumb") boxes.Add(Superbox(inside, box, depth + 1, ref left));
            else plain ??= inside;
            rest = rest[box.Length..];
        }

        return new(Encoding.ASCII.GetString(span[..4]), Encoding.UTF8.GetString(label[..end]), whole, boxes, plain ?? default);
    }

    private static (string Type, ReadOnlyMemory<byte> Content, ReadOnlyMemory<byte> Whole) Next(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < Header) throw Bad("is cut off");
        // 0 is up to the end and 1 a length of 64 bits; no writer of C2PA uses them.
        var length = BinaryPrimitives.ReadUInt32BigEndian(span);
        if (length < Header || length > span.Length) throw Bad("has a box longer than it is");
        return (Encoding.ASCII.GetString(span[4..8]), bytes[Header..(int)length], bytes[..(int)length]);
    }

    private static byte[] Box(string type, ReadOnlySpan<byte> content)
    {
        var box = new byte[Header + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(box, box.Length);
        Encoding.ASCII.GetBytes(type, box.AsSpan(4));
        content.CopyTo(box.AsSpan(Header));
        return box;
    }

    private static FormatException Bad(string what) => new($"The manifest store {what}.");
}
