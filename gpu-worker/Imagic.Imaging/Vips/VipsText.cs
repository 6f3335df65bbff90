using System.Text;

namespace Imagic.Imaging.Vips;

/// <summary>Labels by Pango. The font is a named file, so that a sheet looks the same on every machine that has it.</summary>
static class VipsText
{
    const string Family = "DejaVu Sans";

    /// <summary>Ascent and descent of the font, in em.</summary>
    const double LineHeight = 0.928 + 0.236;

    /// <summary>How far ink may reach below its line, in lines, before it counts as another line: hinting rounds.</summary>
    const double Overhang = 0.15;

    /// <summary>Where Debian's and Fedora's packages put it.</summary>
    static readonly string[] Candidates =
        ["/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf"];

    /// <summary>Null where the font is not installed.</summary>
    public static string? FindFont() => Array.Find(Candidates, File.Exists);

    public static TextMask? Render(string? fontFile, string text, int fontSize, int maxWidth, bool centred)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fontSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxWidth);
        text = Printable(text);
        if (fontFile is null || text.Length == 0)
            return null; // any other face would have other sizes, and no face at all gives boxes
        try
        {
            using var ink = new VipsOperation("text").Set("text", Escape(text)).Set("font", $"{Family} {fontSize}")
                .Set("fontfile", fontFile).Set("dpi", 72).Set("width", maxWidth).Set("wrap", "word-char")
                .Set("align", centred ? "centre" : "low").ToImage();
            return OnItsLines(ink, fontSize * LineHeight);
        }
        catch (VipsException)
        {
            return null; // no ink: blanks beyond ASCII's, characters without width
        }
    }

    /// <summary>libvips crops to the ink and says where it stood; this puts it back between the top of its first line and
    /// the bottom of its last.</summary>
    static TextMask OnItsLines(VipsImage ink, double lineHeight)
    {
        var top = Math.Max(ink.Top, 0);
        var lines = Math.Ceiling((top + ink.Height) / lineHeight - Overhang);
        var height = (int)Math.Ceiling((lines + Overhang) * lineHeight);
        var coverage = new byte[ink.Width * height];
        ink.ToPixels().CopyTo(coverage, top * ink.Width);
        return new TextMask(ink.Width, height, coverage);
    }

    /// <summary>What Pango accepts: no control characters, no half surrogate pairs.</summary>
    static string Printable(string text) => string.Concat(text.EnumerateRunes()
        .Where(rune => rune.Value == '\n' || !Rune.IsControl(rune))).Trim();

    /// <summary>The argument is Pango markup.</summary>
    static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
