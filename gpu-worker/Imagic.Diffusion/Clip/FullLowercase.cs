using System.Globalization;
using System.Text;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// Lower case as Python's <c>str.lower()</c> has it, Unicode's full mapping: beside the mapping of single characters,
/// İ becomes two characters, and Σ at the end of a word becomes ς.
/// </summary>
internal static class FullLowercase
{
    private const int CapitalSigma = 'Σ', SmallSigma = 'σ', FinalSigma = 'ς', CapitalDottedI = 'İ';

    // Word_Break MidLetter, MidNumLet and Single_Quote: case-ignorable beside the categories below.
    private const string WordInnerMarks =
        "'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";

    public static string Of(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        var lower = new StringBuilder(text.Length);
        for (var i = 0; i < runes.Length; i++)
        {
            switch (runes[i].Value)
            {
                case CapitalDottedI:
                    lower.Append("i\u0307");
                    break;
                case CapitalSigma:
                    lower.Append((char)(IsFinal(runes, i) ? FinalSigma : SmallSigma));
                    break;
                default:
                    lower.Append(Rune.ToLowerInvariant(runes[i]).ToString());
                    break;
            }
        }

        return lower.ToString();
    }

    // Unicode's condition Final_Sigma: a cased letter before it and none after, case-ignorable ones skipped.
    private static bool IsFinal(ReadOnlySpan<Rune> runes, int index) =>
        IsNextCased(runes, index, -1) && !IsNextCased(runes, index, 1);

    private static bool IsNextCased(ReadOnlySpan<Rune> runes, int index, int direction)
    {
        do index += direction;
        while (index >= 0 && index < runes.Length && IsCaseIgnorable(runes[index]));
        return index >= 0 && index < runes.Length && IsCased(runes[index]);
    }

    private static bool IsCaseIgnorable(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
        or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || (rune.IsBmp && WordInnerMarks.Contains((char)rune.Value));

    // Cased letters, ª and º, Roman numerals, and the circled and squared Latin capitals.
    private static bool IsCased(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);
}
