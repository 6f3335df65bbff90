using System.Buffers;
using System.Globalization;
using System.Text;

namespace Imagic.Contracts;

/// <summary>
/// Names and texts of others in a line of a log or of a terminal: nothing in them ends the line, moves the cursor,
/// changes colours or turns the direction of writing.
/// </summary>
public static class Printable
{
    // Beyond what char.IsControl names: ends of lines and paragraphs, and marks that turn the direction.
    private static readonly SearchValues<char> Unprintable = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0xA0).Select(code => (char)code).Where(char.IsControl),
        '\u061C', '\u200E', '\u200F', '\u2028', '\u2029',
        '\u202A', '\u202B', '\u202C', '\u202D', '\u202E', '\u2066', '\u2067', '\u2068', '\u2069',
    ]);

    /// <summary>The text with each such character as its JSON escape, such as <c>\u001b</c>.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAny(Unprintable)) return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (Unprintable.Contains(c)) escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else escaped.Append(c);
        }

        return escaped.ToString();
    }
}
