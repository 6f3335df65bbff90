using System.Globalization;
using System.Numerics;
using System.Text;

namespace Imagic.Imaging.Sheets;

/// <summary>A drawn text: how much ink covers each pixel, (Height, Width), 0 = none, 255 = full. As tall as its lines, so
/// that labels side by side share their baselines.</summary>
sealed record TextMask(int Width, int Height, byte[] Coverage)
{
    /// <summary>For ink that reaches beyond its advance.</summary>
    const int Margin = 1;

    static readonly TrueTypeFont Font = TrueTypeFont.DejaVuSans;

    /// <summary>Draws a label, character by character: no ligatures, no joining, left to right. Null where nothing in the
    /// text is visible.</summary>
    /// <param name="text">Plain text; '\n' starts a new line.</param>
    /// <param name="fontSize">Size of the em in pixels.</param>
    /// <param name="maxWidth">Longer lines are wrapped at this width in pixels.</param>
    /// <param name="centred">Lines are centred over each other rather than aligned to the left.</param>
    public static TextMask? Draw(string text, int fontSize, int maxWidth, bool centred = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fontSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxWidth);
        var visible = Visible(text);
        if (visible.Length == 0)
            return null;
        var lines = visible.Split('\n').SelectMany(line => Wrap(line, (maxWidth - 2 * Margin) / (float)fontSize)).ToArray();
        var widths = Array.ConvertAll(lines, line => line.Sum(Font.Advance) * fontSize);
        var lineHeight = (int)Math.Ceiling((Font.Ascent + Font.Descent) * fontSize);
        var ink = new InkBuffer((int)Math.Ceiling(widths.Max()) + 2 * Margin, lineHeight * lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            var pen = new Vector2(Margin, i * lineHeight + MathF.Round(Font.Ascent * fontSize));
            if (centred)
                pen.X += MathF.Round((widths.Max() - widths[i]) / 2);
            foreach (var glyph in lines[i])
            {
                foreach (var contour in Font.Outline(glyph))
                    ink.Add(Array.ConvertAll(contour, point => pen + new Vector2(point.X, -point.Y) * fontSize));
                pen.X += Font.Advance(glyph) * fontSize;
            }
        }
        return new TextMask(ink.Width, ink.Height, ink.ToCoverage());
    }

    /// <summary>Without control and format characters and half surrogate pairs.</summary>
    static string Visible(string text) => string.Concat(text.EnumerateRunes().Where(rune =>
        rune.Value == '\n' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format))).Trim();

    /// <summary>Breaks between words, and within words that are too long.</summary>
    /// <returns>The glyphs of each line.</returns>
    static IEnumerable<List<int>> Wrap(string text, float width)
    {
        List<int> line = [];
        var (used, lastBlank) = (0f, -1);
        foreach (var rune in text.EnumerateRunes())
        {
            var glyph = Font.Glyph(rune.Value);
            if (used + Font.Advance(glyph) > width && line.Count > 0)
            {
                var (kept, next) = rune.Value == ' ' ? (line.Count, line.Count) : lastBlank > 0 ? (lastBlank, lastBlank + 1) : (line.Count, line.Count);
                yield return line[..kept];
                line = line[next..];
                (used, lastBlank) = (line.Sum(Font.Advance), -1);
                if (rune.Value == ' ')
                    continue;
            }
            if (rune.Value == ' ')
                lastBlank = line.Count;
            line.Add(glyph);
            used += Font.Advance(glyph);
        }
        yield return line;
    }
}

/// <summary>Fills polygons with exact coverage: every edge adds, pixel by pixel, the signed area that it turns to ink at its
/// right, and a running sum along the row gives the coverage.</summary>
sealed class InkBuffer(int width, int height)
{
    /// <summary>One more column, for what begins right of the last.</summary>
    readonly float[] _areas = new float[(width + 1) * height];

    public int Width => width;

    public int Height => height;

    public void Add(Vector2[] polygon)
    {
        for (var i = 0; i < polygon.Length; i++)
            AddEdge(polygon[i], polygon[(i + 1) % polygon.Length]);
    }

    public byte[] ToCoverage()
    {
        var coverage = new byte[width * height];
        for (var y = 0; y < height; y++)
        {
            var sum = 0f;
            for (var x = 0; x < width; x++)
            {
                sum += _areas[y * (width + 1) + x];
                coverage[y * width + x] = (byte)(Math.Min(Math.Abs(sum), 1) * 255 + 0.5f);
            }
        }
        return coverage;
    }

    void AddEdge(Vector2 from, Vector2 to)
    {
        if (from.Y == to.Y)
            return;
        var direction = from.Y < to.Y ? 1 : -1;
        var (top, bottom) = direction > 0 ? (from, to) : (to, from);
        var slope = (bottom.X - top.X) / (bottom.Y - top.Y);
        for (var y = Math.Max((int)top.Y, 0); y < Math.Min(bottom.Y, height); y++)
        {
            var (upper, lower) = (Math.Max(top.Y, y), Math.Min(bottom.Y, y + 1));
            if (lower > upper)
                AddPiece(y, X(upper), X(lower), direction * (lower - upper));
        }

        float X(float y) => Math.Clamp(top.X + (y - top.Y) * slope, 0, width);
    }

    /// <summary>A piece of an edge within one row, as tall as <paramref name="cover"/>.</summary>
    void AddPiece(int y, float x0, float x1, float cover)
    {
        var row = _areas.AsSpan(y * (width + 1), width + 1);
        var (left, right) = (Math.Min(x0, x1), Math.Max(x0, x1));
        for (var x = (int)left; x <= Math.Min((int)right, width); x++)
        {
            var (from, to) = (Math.Max(left, x), Math.Min(right, x + 1));
            var part = right > left ? cover * (to - from) / (right - left) : cover;
            var inPixel = 1 - ((from + to) / 2 - x); // how much of this pixel lies right of the piece
            row[x] += part * inPixel;
            if (x < width)
                row[x + 1] += part * (1 - inPixel);
        }
    }
}
