using System.Globalization;
using System.Security;
using System.Text;
using NetVips;

namespace Imagic.Sheets;

/// <summary>A drawn text: how much ink covers each pixel, (Height, Width), 0 = none, 255 = full. As wide as its ink and as
/// tall as its lines, so that labels side by side share their baselines.</summary>
internal sealed record TextMask(int Width, int Height, byte[] Coverage)
{
    private static readonly string FontFile = Path.Combine(AppContext.BaseDirectory, "DejaVuSans.ttf");

    static TextMask() => (NetVips.NetVips.Concurrency, Cache.Max) = (1, 0); // labels are small, and seldom the same

    /// <summary>Draws a label; null where nothing in the text is visible. Characters that the font lacks come from a font of
    /// the system, if it has one.</summary>
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
        var lineHeight = fontSize * 4 / 3;
        // Pango reads markup, a line's height in 1/1024 of a pixel. File names get no hyphens where they are broken.
        var markup = $"<span line_height=\"{lineHeight * 1024}\" insert_hyphens=\"false\">{SecurityElement.Escape(visible)}</span>";
        try
        {
            using var ink = Image.Text(
                markup, $"DejaVu Sans {fontSize}px", maxWidth, align: centred ? Enums.Align.Centre : Enums.Align.Low,
                fontfile: FontFile, wrap: Enums.TextWrap.WordChar);
            var lines = (int)Math.Ceiling((double)(ink.Yoffset + ink.Height) / lineHeight);
            using var mask = ink.Embed(0, ink.Yoffset, ink.Width, lines * lineHeight);
            return new TextMask(mask.Width, mask.Height, mask.WriteToMemory<byte>());
        }
        catch (VipsException exception) when (exception.Message.Contains("no text to render", StringComparison.Ordinal))
        {
            return null; // letters without ink
        }
    }

    /// <summary>Without control and format characters, Unicode's own line ends and half surrogate pairs.</summary>
    private static string Visible(string text) => string.Concat(text.EnumerateRunes().Where(rune =>
        rune.Value == '\n' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator))).Trim();
}
