using System.Globalization;

namespace Imagic.Lab.DataSet;

/// <summary>A sequence of Unicode code points as one key, so that the sets' spellings meet: upper-case hexadecimal of at
/// least four digits, joined by '-', without the variation selector that some files name and others leave out.</summary>
public static class CodePoints
{
    const int EmojiPresentation = 0xFE0F;

    /// <summary>Null where the text is no sequence of code points.</summary>
    public static string? Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var points = new List<string>();
        foreach (var part in text.Split('-'))
        {
            if (!int.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point))
                return null;
            if (point != EmojiPresentation)
                points.Add(point.ToString("X4", CultureInfo.InvariantCulture));
        }
        return string.Join('-', points);
    }
}
