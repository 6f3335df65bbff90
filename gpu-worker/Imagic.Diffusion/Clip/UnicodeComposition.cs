using System.Globalization;
using System.Text;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// Unicode normalization form C (Unicode Standard Annex 15). <see cref="string.Normalize()"/> needs ICU and, under
/// invariant globalization, silently leaves text as it is: the ids of a text must not depend on the machine.
/// </summary>
internal static class UnicodeComposition
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, SyllableCount = LeadCount * VowelCount * TailCount;
    private const char FirstNotPlain = '\u0300'; // everything below is composed already and combines with nothing

    private static readonly Lazy<Data> Table = new(Data.Load);

    public static string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstNotPlain, char.MaxValue)) return text;
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Decompose(rune.Value, runes);
        Order(runes);
        var composed = new StringBuilder(text.Length);
        foreach (var rune in Compose(runes)) composed.Append(new Rune(rune).ToString());
        return composed.ToString();
    }

    private static void Decompose(int rune, List<int> output)
    {
        var syllable = rune - HangulBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            output.Add(LeadBase + (syllable / (VowelCount * TailCount)));
            output.Add(VowelBase + (syllable / TailCount % VowelCount));
            if (syllable % TailCount != 0) output.Add(TailBase + (syllable % TailCount));
        }
        else if (Table.Value.Decompositions.TryGetValue(rune, out var parts))
        {
            foreach (var part in parts) Decompose(part, output);
        }
        else
        {
            output.Add(rune);
        }
    }

    // Stable insertion sort by combining class within each run of marks; starters (class 0) never move.
    private static void Order(List<int> runes)
    {
        for (var i = 1; i < runes.Count; i++)
        {
            var rune = runes[i];
            var markClass = ClassOf(rune);
            if (markClass == 0) continue;
            var j = i;
            for (; j > 0 && ClassOf(runes[j - 1]) > markClass; j--) runes[j] = runes[j - 1];
            runes[j] = rune;
        }
    }

    private static List<int> Compose(List<int> runes)
    {
        var output = new List<int>(runes.Count);
        var starter = -1; // index in output that later marks may join
        var lastClass = 0; // class of the last mark kept after the starter
        foreach (var rune in runes)
        {
            var markClass = ClassOf(rune);
            var isAdjacent = starter == output.Count - 1;
            if (starter >= 0 && (isAdjacent || lastClass < markClass) && Pair(output[starter], rune) is { } composed)
            {
                output[starter] = composed;
                continue;
            }

            if (markClass == 0) starter = output.Count;
            lastClass = markClass;
            output.Add(rune);
        }

        return output;
    }

    private static int? Pair(int first, int second)
    {
        var (lead, vowel, tail) = (first - LeadBase, second - VowelBase, second - TailBase);
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
            return HangulBase + (((lead * VowelCount) + vowel) * TailCount);
        var syllable = first - HangulBase;
        if (syllable is >= 0 and < SyllableCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
            return first + tail;
        return Table.Value.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static int ClassOf(int rune) => Table.Value.Classes.GetValueOrDefault(rune);

    private sealed class Data
    {
        public Dictionary<int, int> Classes { get; } = [];

        public Dictionary<int, int[]> Decompositions { get; } = [];

        public Dictionary<(int First, int Second), int> Compositions { get; } = [];

        public static Data Load()
        {
            using var stream = typeof(Data).Assembly.GetManifestResourceStream("unicode-composition.txt")!;
            using var reader = new StreamReader(stream);
            var lines = reader.ReadToEnd().Trim().Split('\n').Where(line => !line.StartsWith('#'));
            var data = new Data();
            var (markClass, composed) = (0, 0);
            foreach (var token in lines.SelectMany(line => line.Split(' ')))
            {
                if (token is ['=', .. var number]) markClass = int.Parse(number, CultureInfo.InvariantCulture);
                else if (token is [.. var first, ':']) (markClass, composed) = (0, Hex(first));
                else if (markClass > 0) data.AddClass(token, markClass);
                else data.AddDecomposition(token, composed++);
            }

            return data;
        }

        private void AddClass(string token, int markClass)
        {
            int[] range = [.. token.Split('-').Select(Hex)];
            for (var rune = range[0]; rune <= range[^1]; rune++) Classes[rune] = markClass;
        }

        private void AddDecomposition(string token, int composed)
        {
            if (token == ".") return;
            int[] parts = [.. token.TrimEnd('!').Split('+').Select(Hex)];
            Decompositions[composed] = parts;
            if (parts.Length == 2 && !token.EndsWith('!')) Compositions[(parts[0], parts[1])] = composed;
        }

        private static int Hex(string digits) => Convert.ToInt32(digits, fromBase: 16);
    }
}
