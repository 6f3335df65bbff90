using Imagic.Diffusion.Clip;

namespace Imagic.Lab.Train.Tokenizer;

/// <summary>Learns a byte-pair encoding (Sennrich et al., arXiv 1508.07909): again and again the pair of neighbours that is
/// most frequent becomes one symbol.</summary>
public static class BpeTrainer
{
    /// <summary>Learns from texts, which CLIP's rules cut into words.</summary>
    /// <param name="texts">Each counts as often as it comes.</param>
    /// <param name="merges">How many to learn at most.</param>
    /// <param name="minCount">A pair that is rarer is not merged.</param>
    /// <returns>Merges in the order in which they are to be applied; ties go to the pair that sorts first.</returns>
    public static IReadOnlyList<(string First, string Second)> Learn(IEnumerable<string> texts, int merges, int minCount = 2)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var words = CountWords(texts);
        var pairs = new Dictionary<(string, string), (long Count, HashSet<int> Words)>();
        for (var word = 0; word < words.Count; word++)
            Add(pairs, words[word], word, +1);

        List<(string First, string Second)> learned = [];
        while (learned.Count < merges)
        {
            var best = pairs.Where(pair => pair.Value.Count >= minCount).Aggregate(
                default(KeyValuePair<(string, string), (long Count, HashSet<int> Words)>?),
                (best, pair) => best is not { } b || pair.Value.Count > b.Value.Count
                    || (pair.Value.Count == b.Value.Count && Compare(pair.Key, b.Key) < 0) ? pair : best);
            if (best is not { Key: var (first, second) })
                break;
            learned.Add((first, second));
            foreach (var word in best.Value.Value.Words.ToArray())
            {
                Add(pairs, words[word], word, -1);
                BytePairEncoder.Merge(words[word].Symbols, first, second);
                Add(pairs, words[word], word, +1);
            }
        }
        return learned;
    }

    private static List<Word> CountWords(IEnumerable<string> texts)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var piece in texts.SelectMany(BasicTokenizer.Split).SelectMany(BytePairEncoder.Pieces))
            counts[piece] = counts.GetValueOrDefault(piece) + 1;
        return [.. counts.Select(entry => new Word(BytePairEncoder.Symbols(entry.Key), entry.Value))];
    }

    private static void Add(Dictionary<(string, string), (long Count, HashSet<int> Words)> pairs, Word word, int index, int sign)
    {
        for (var i = 0; i + 1 < word.Symbols.Count; i++)
        {
            var pair = (word.Symbols[i], word.Symbols[i + 1]);
            var (count, words) = pairs.TryGetValue(pair, out var known) ? known : (0, []);
            if (sign > 0)
                words.Add(index);
            else
                words.Remove(index); // a pair that is left in the word comes back when it is added again
            count += sign * word.Count;
            if (count == 0)
                pairs.Remove(pair);
            else
                pairs[pair] = (count, words);
        }
    }

    private static int Compare((string First, string Second) a, (string First, string Second) b) =>
        string.CompareOrdinal(a.First, b.First) is var first and not 0 ? first : string.CompareOrdinal(a.Second, b.Second);

    private sealed record Word(List<string> Symbols, long Count);
}
