using System.Text;
using System.Text.RegularExpressions;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// CLIP's byte-level byte-pair encoding (transformers <c>models/clip/tokenization_clip.py</c>): a word is cut by CLIP's
/// pattern, each piece's UTF-8 bytes are written as printable characters, the last one marked with <c>&lt;/w&gt;</c>,
/// and neighbours are merged in the order of the merge list.
/// </summary>
internal sealed partial class BytePairEncoder(
    Dictionary<string, int> vocabulary, Dictionary<(string First, string Second), int> ranks, int unknownId)
{
    /// <summary>Marks the last symbol of a piece.</summary>
    public const string WordEnd = "</w>";

    /// <summary>The character that stands for each of the 256 bytes.</summary>
    public static readonly string[] ByteSymbols = CreateByteSymbols();

    // CLIP's own ignores case. The text is lower case already, so that this matters for two characters only: 'ſ counts
    // as 's, and U+0345, a mark with a letter for upper case, is in no class and dropped.
    [GeneratedRegex(@"<\|startoftext\|>|<\|endoftext\|>|'[sſ]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}\u0345]+")]
    private static partial Regex Pattern { get; }

    /// <summary>The ids of a lower-case word without white space.</summary>
    public IEnumerable<int> Encode(string word) =>
        Pieces(word).SelectMany(MergedSymbols).Select(symbol => vocabulary.GetValueOrDefault(symbol, unknownId));

    /// <summary>What CLIP's pattern cuts a lower-case word without white space into.</summary>
    public static IEnumerable<string> Pieces(string word)
    {
        // A regex of .NET knows no letters beyond the Basic Multilingual Plane: it sees a stand-in of the same kind.
        Rune[] runes = [.. word.EnumerateRunes()];
        var shape = string.Concat(runes.Select(rune =>
            rune.IsBmp ? (char)rune.Value : Rune.IsLetter(rune) ? 'z' : Rune.IsNumber(rune) ? '0' : '*'));
        return Pattern.Matches(shape).Select(match => string.Concat(runes.Skip(match.Index).Take(match.Length)));
    }

    /// <summary>The symbols of a piece before any merge.</summary>
    public static List<string> Symbols(string piece)
    {
        List<string> symbols = [.. Encoding.UTF8.GetBytes(piece).Select(value => ByteSymbols[value])];
        symbols[^1] += WordEnd;
        return symbols;
    }

    /// <summary>Merges every occurrence in one pass: a long run of one letter costs passes, not a scan per pair.</summary>
    public static void Merge(List<string> symbols, string first, string second)
    {
        var count = 0;
        for (var i = 0; i < symbols.Count; i++)
        {
            var isPair = i + 1 < symbols.Count && symbols[i] == first && symbols[i + 1] == second;
            symbols[count++] = isPair ? first + second : symbols[i];
            if (isPair) i++;
        }

        symbols.RemoveRange(count, symbols.Count - count);
    }

    private List<string> MergedSymbols(string piece)
    {
        if (piece is "<|startoftext|>" or "<|endoftext|>") return [piece];
        var symbols = Symbols(piece);
        while (symbols.Count > 1)
        {
            var best = symbols.Zip(symbols.Skip(1)).MinBy(pair => ranks.GetValueOrDefault(pair, int.MaxValue));
            if (!ranks.ContainsKey(best)) break;
            Merge(symbols, best.First, best.Second);
        }

        return symbols;
    }

    // GPT-2's bytes_to_unicode: printable Latin-1 stands for itself, the other bytes follow from U+0100 on.
    private static string[] CreateByteSymbols()
    {
        var next = 0x100;
        return [.. Enumerable.Range(0, 256).Select(value => ((char)(IsPrintable(value) ? value : next++)).ToString())];
    }

    private static bool IsPrintable(int value) =>
        value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
