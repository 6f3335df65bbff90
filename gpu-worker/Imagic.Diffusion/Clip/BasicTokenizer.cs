using System.Globalization;
using System.Text;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// Cleans a text and splits it into lower-case words: transformers' <c>BasicTokenizer(strip_accents=False,
/// do_split_on_punc=False)</c> (<c>models/clip/tokenization_clip.py</c>), which the CLIP tokenizer uses where ftfy is
/// not installed.
/// </summary>
internal static class BasicTokenizer
{
    // Word_Break MidLetter, MidNumLet and Single_Quote.
    private const string WordInnerMarks =
        "'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";

    private static readonly (int First, int Last)[] Cjk =
    [
        (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
        (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
    ];

    public static IEnumerable<string> Split(string text)
    {
        var composed = UnicodeComposition.Normalize(string.Concat(text.EnumerateRunes().Select(Clean)));
        return composed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Lower);
    }

    /// <summary>
    /// Lower case as Python's <c>str.lower()</c> has it, Unicode's full mapping: beside single characters' mapping,
    /// İ becomes two characters, and Σ at the end of a word becomes ς.
    /// </summary>
    public static string Lower(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        var kinds = text.Contains('Σ') ? string.Concat(runes.Select(CaseKind)) : "";
        return string.Concat(runes.Select((rune, i) => rune.Value switch
        {
            'İ' => "i\u0307",
            'Σ' => IsFinal(kinds.AsSpan(0, i), kinds.AsSpan(i + 1)) ? "ς" : "σ",
            _ => Rune.ToLowerInvariant(rune).ToString(),
        }));
    }

    // Drops control and format characters and what is no character (the categories C*; a lone surrogate comes as the
    // replacement character), and makes each CJK character a word.
    private static string Clean(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.SpaceSeparator => " ",
        _ when rune.Value is '\t' or '\n' or '\r' => " ",
        UnicodeCategory.Control or UnicodeCategory.Format => "",
        UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => "",
        _ when rune == Rune.ReplacementChar => "",
        _ when Array.Exists(Cjk, range => rune.Value >= range.First && rune.Value <= range.Last) => $" {rune} ",
        _ => rune.ToString(),
    };

    // Unicode's condition Final_Sigma: a cased letter before it and none after, case-ignorable ones skipped.
    private static bool IsFinal(ReadOnlySpan<char> before, ReadOnlySpan<char> after) =>
        before.TrimEnd('i') is [.., 'c'] && after.TrimStart('i') is not ['c', ..];

    // Case-ignorable, cased (letters, ª and º, Roman numerals, circled and squared Latin capitals), or other.
    private static char CaseKind(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol => 'i',
        _ when rune.IsBmp && WordInnerMarks.Contains((char)rune.Value) => 'i',
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter => 'c',
        _ when rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189) => 'c',
        _ => 'o',
    };
}
