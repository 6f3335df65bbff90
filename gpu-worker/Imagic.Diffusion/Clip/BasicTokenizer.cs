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
    private static readonly (int First, int Last)[] CjkRanges =
    [
        (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
        (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
    ];

    public static IEnumerable<string> Split(string text)
    {
        var composed = UnicodeComposition.Normalize(Clean(text));
        return composed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(FullLowercase.Of);
    }

    // Drops control and format characters and what is no character, and makes each CJK character a word.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // lone surrogates come out as the replacement character
        {
            if (IsSpace(rune)) clean.Append(' ');
            else if (rune == Rune.ReplacementChar || IsControl(rune)) continue;
            else if (IsCjk(rune.Value)) clean.Append(' ').Append(rune.ToString()).Append(' ');
            else clean.Append(rune.ToString());
        }

        return clean.ToString();
    }

    private static bool IsSpace(Rune rune) =>
        rune.Value is '\t' or '\n' or '\r' || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator;

    // The categories whose name begins with C: Cc, Cf, Cs, Co, Cn.
    private static bool IsControl(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned;

    private static bool IsCjk(int rune) => Array.Exists(CjkRanges, range => rune >= range.First && rune <= range.Last);
}
