using System.Globalization;
using System.Text;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// CLIP's byte-level byte-pair encoding (transformers <c>models/clip/tokenization_clip.py</c>): a word is cut by CLIP's
/// pattern, each piece's UTF-8 bytes are written as printable characters, the last one marked with <c>&lt;/w&gt;</c>,
/// and neighbours are merged in the order of the merge list.
/// </summary>
internal sealed class BytePairEncoder
{
    /// <summary>Marks the last symbol of a piece.</summary>
    public const string WordEnd = "</w>";

    // A mark with a letter, Ι, for upper case: under a pattern that ignores case it is in no class, so it separates
    // pieces and is dropped.
    private const char IotaSubscript = '\u0345';

    // The alternatives of CLIP's pattern that are literal, in its order. It ignores case, which matters for ſ only:
    // the text is lower case already.
    private static readonly string[] Literals =
        ["<|startoftext|>", "<|endoftext|>", "'s", "'ſ", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    /// <summary>The character that stands for each of the 256 bytes.</summary>
    public static readonly string[] ByteSymbols = CreateByteSymbols();

    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<(string First, string Second), int> _ranks;
    private readonly int _unknownId;

    public BytePairEncoder(
        Dictionary<string, int> vocabulary, Dictionary<(string First, string Second), int> ranks, int unknownId) =>
        (_vocabulary, _ranks, _unknownId) = (vocabulary, ranks, unknownId);

    private enum Kind
    {
        Letter,
        Number,
        Other,
        None,
    }

    /// <summary>Appends the ids of a lower-case word without white space.</summary>
    public void Encode(string word, List<int> ids)
    {
        foreach (var piece in Pieces(word)) EncodePiece(piece, ids);
    }

    /// <summary>What CLIP's pattern cuts a lower-case word without white space into.</summary>
    public static IEnumerable<string> Pieces(string word)
    {
        for (var start = 0; start < word.Length;)
        {
            var length = PieceLength(word.AsSpan(start));
            if (word[start] != IotaSubscript) yield return word.Substring(start, length);
            start += length;
        }
    }

    /// <summary>The symbols of a piece before any merge.</summary>
    public static List<string> Symbols(string piece)
    {
        List<string> symbols = [.. Encoding.UTF8.GetBytes(piece).Select(value => ByteSymbols[value])];
        symbols[^1] += WordEnd;
        return symbols;
    }

    /// <summary>Merges every occurrence in one pass, so a long run of one letter costs passes, not a scan per pair.</summary>
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

    // What a match of the pattern at the start of the text takes. A regex of .NET sees UTF-16 units and would not know
    // letters beyond the Basic Multilingual Plane as letters, so this walks over runes.
    private static int PieceLength(ReadOnlySpan<char> text)
    {
        foreach (var literal in Literals)
        {
            if (text.StartsWith(literal)) return literal.Length;
        }

        var kind = default(Kind?);
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (kind is not null && (KindOf(rune) != kind || kind == Kind.Number)) break; // numbers are single digits
            kind ??= KindOf(rune);
            length += rune.Utf16SequenceLength;
        }

        return length;
    }

    private static Kind KindOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        _ when rune.Value == IotaSubscript => Kind.None,
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        _ => Kind.Other,
    };

    private void EncodePiece(string piece, List<int> ids)
    {
        if (piece == Literals[0] || piece == Literals[1])
        {
            ids.Add(IdOf(piece));
            return;
        }

        var symbols = Symbols(piece);
        while (NextMerge(symbols) is var (first, second)) Merge(symbols, first, second);
        foreach (var symbol in symbols) ids.Add(IdOf(symbol));
    }

    private (string First, string Second)? NextMerge(List<string> symbols)
    {
        (string, string)? best = null;
        var bestRank = int.MaxValue;
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (!_ranks.TryGetValue((symbols[i], symbols[i + 1]), out var rank) || rank >= bestRank) continue;
            best = (symbols[i], symbols[i + 1]);
            bestRank = rank;
        }

        return best;
    }

    private int IdOf(string symbol) => _vocabulary.GetValueOrDefault(symbol, _unknownId);

    // GPT-2's bytes_to_unicode: printable Latin-1 stands for itself, the other bytes follow from U+0100 on.
    private static string[] CreateByteSymbols()
    {
        var symbols = new string[256];
        var next = 0x100;
        for (var value = 0; value < symbols.Length; value++)
        {
            var isPrintable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            symbols[value] = ((char)(isPrintable ? value : next++)).ToString();
        }

        return symbols;
    }
}
