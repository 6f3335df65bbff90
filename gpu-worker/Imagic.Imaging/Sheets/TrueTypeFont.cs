using System.Buffers.Binary;
using System.Numerics;

namespace Imagic.Imaging.Sheets;

/// <summary>The outlines of a TrueType font (OpenType 1.9, tables cmap, glyf, head, hhea, hmtx, loca). For the embedded font
/// alone: nothing is checked that its own tools have checked.</summary>
sealed class TrueTypeFont
{
    const int OnCurve = 1, ShortX = 2, ShortY = 4, Repeat = 8, SameX = 16, SameY = 32;

    const int WordArguments = 1, OneScale = 8, MoreParts = 32, TwoScales = 64, Matrix = 128;

    readonly byte[] _font;
    readonly int _cmap, _glyf, _hmtx, _loca, _unitsPerEm, _metrics;
    readonly bool _longOffsets;

    public static TrueTypeFont DejaVuSans { get; } = new(Embedded("DejaVuSans.ttf"));

    TrueTypeFont(byte[] font)
    {
        _font = font;
        var (head, hhea) = (Table("head"), Table("hhea"));
        (_cmap, _glyf, _hmtx, _loca) = (Segments(Table("cmap")), Table("glyf"), Table("hmtx"), Table("loca"));
        (_unitsPerEm, _longOffsets) = (U16(head + 18), U16(head + 50) == 1);
        (Ascent, Descent) = (S16(hhea + 4) / (float)_unitsPerEm, -S16(hhea + 6) / (float)_unitsPerEm);
        _metrics = U16(hhea + 34);
    }

    /// <summary>Above and below the baseline, in em.</summary>
    public float Ascent { get; }

    /// <inheritdoc cref="Ascent"/>
    public float Descent { get; }

    /// <summary>0, a hollow box, for characters that the font lacks.</summary>
    public int Glyph(int character)
    {
        for (var (group, left) = (_cmap + 16, U32(_cmap + 12)); left > 0; group += 12, left--)
        {
            if (character <= U32(group + 4))
                return character < U32(group) ? 0 : (int)U32(group + 8) + character - (int)U32(group);
        }
        return 0;
    }

    /// <summary>In em.</summary>
    public float Advance(int glyph) => U16(_hmtx + Math.Min(glyph, _metrics - 1) * 4) / (float)_unitsPerEm;

    /// <summary>Closed polygons in em, y upwards; curves are cut into short lines.</summary>
    public IEnumerable<Vector2[]> Outline(int glyph) => Contours(glyph, Matrix3x2.CreateScale(1f / _unitsPerEm));

    IEnumerable<Vector2[]> Contours(int glyph, Matrix3x2 transform)
    {
        var (at, end) = (Offset(glyph), Offset(glyph + 1));
        if (at == end)
            return [];
        return S16(at) >= 0 ? Simple(at, transform) : Composite(at + 10, transform);
    }

    IEnumerable<Vector2[]> Composite(int at, Matrix3x2 transform)
    {
        for (int flags = MoreParts; (flags & MoreParts) != 0;)
        {
            flags = U16(at);
            var glyph = U16(at + 2);
            at += 4;
            var (x, y) = (flags & WordArguments) != 0 ? (S16(at), S16(at + 2)) : ((sbyte)_font[at], (sbyte)_font[at + 1]);
            at += (flags & WordArguments) != 0 ? 4 : 2;
            var part = Matrix3x2.CreateTranslation(x, y);
            if ((flags & OneScale) != 0)
                (part.M11, part.M22) = (Fraction(at), Fraction(at));
            else if ((flags & TwoScales) != 0)
                (part.M11, part.M22) = (Fraction(at), Fraction(at + 2));
            else if ((flags & Matrix) != 0)
                (part.M11, part.M12, part.M21, part.M22) = (Fraction(at), Fraction(at + 2), Fraction(at + 4), Fraction(at + 6));
            at += (flags & OneScale) != 0 ? 2 : (flags & TwoScales) != 0 ? 4 : (flags & Matrix) != 0 ? 8 : 0;
            foreach (var contour in Contours(glyph, part * transform))
                yield return contour;
        }
    }

    IEnumerable<Vector2[]> Simple(int at, Matrix3x2 transform)
    {
        var contours = S16(at);
        var ends = at + 10;
        var points = U16(ends + contours * 2 - 2) + 1;
        at = ends + contours * 2;
        at += 2 + U16(at); // hinting instructions
        var flags = new byte[points];
        for (var i = 0; i < points;)
        {
            var flag = _font[at++];
            for (var times = (flag & Repeat) != 0 ? _font[at++] + 1 : 1; times > 0; times--)
                flags[i++] = flag;
        }
        var xs = Coordinates(flags, ref at, ShortX, SameX);
        var ys = Coordinates(flags, ref at, ShortY, SameY);
        for (int contour = 0, first = 0; contour < contours; contour++)
        {
            var last = U16(ends + contour * 2);
            var corners = Enumerable.Range(first, last - first + 1)
                .Select(i => (Vector2.Transform(new(xs[i], ys[i]), transform), (flags[i] & OnCurve) != 0)).ToArray();
            first = last + 1;
            yield return Flatten(corners);
        }
    }

    int[] Coordinates(byte[] flags, ref int at, int isShort, int isSame)
    {
        var values = new int[flags.Length];
        for (int i = 0, value = 0; i < values.Length; values[i++] = value)
        {
            if ((flags[i] & isShort) != 0)
                value += (flags[i] & isSame) != 0 ? _font[at++] : -_font[at++];
            else if ((flags[i] & isSame) == 0)
            {
                value += S16(at);
                at += 2;
            }
        }
        return values;
    }

    /// <summary>Quadratic curves; between two control points lies a point on the curve that is not stored.</summary>
    static Vector2[] Flatten((Vector2 Point, bool IsOnCurve)[] corners)
    {
        const int Pieces = 6;
        List<Vector2> polygon = [];
        for (var i = 0; i < corners.Length; i++)
        {
            var (point, isOnCurve) = corners[i];
            if (isOnCurve)
            {
                polygon.Add(point);
                continue;
            }
            var (before, after) = (corners[(i + corners.Length - 1) % corners.Length], corners[(i + 1) % corners.Length]);
            var from = before.IsOnCurve ? before.Point : (before.Point + point) / 2;
            var to = after.IsOnCurve ? after.Point : (after.Point + point) / 2;
            for (var piece = 0; piece <= Pieces; piece++)
            {
                var t = piece / (float)Pieces;
                polygon.Add(Vector2.Lerp(Vector2.Lerp(from, point, t), Vector2.Lerp(point, to, t), t));
            }
        }
        return [.. polygon];
    }

    int Offset(int glyph) => _glyf + (_longOffsets ? (int)U32(_loca + glyph * 4) : U16(_loca + glyph * 2) * 2);

    int Table(string tag)
    {
        for (var entry = 12; ; entry += 16)
        {
            if (_font.AsSpan(entry, 4).SequenceEqual(tag.Select(c => (byte)c).ToArray()))
                return (int)U32(entry + 8);
        }
    }

    /// <summary>The subtable of all of Unicode: segments of coverage, format 12.</summary>
    int Segments(int cmap)
    {
        for (var record = cmap + 4; ; record += 8)
        {
            if (cmap + (int)U32(record + 4) is var table && U16(table) == 12)
                return table;
        }
    }

    ushort U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(_font.AsSpan(at));

    short S16(int at) => BinaryPrimitives.ReadInt16BigEndian(_font.AsSpan(at));

    uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(_font.AsSpan(at));

    /// <summary>F2Dot14.</summary>
    float Fraction(int at) => S16(at) / 16384f;

    static byte[] Embedded(string name)
    {
        using var stream = typeof(TrueTypeFont).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
