using Imagic.Diffusion.Clip;
using Imagic.Lab.Train.Tokenizer;
using Imagic.Tests;

namespace Imagic.Lab.Tests.Train.Tokenizer;

public sealed class BpeTrainerTests
{
    [Fact]
    public void Learn_MergesTheMostFrequentPairFirst() => Assert.Equal(
        // "low" 5 times, "lower" twice, "newest" 6 times, "widest" 3: the example of arXiv 1508.07909, whose word ends are
        // symbols of their own; here the mark is part of the last letter, and ties go to the pair that sorts first.
        [("e", "s"), ("es", "t</w>"), ("l", "o"), ("e", "w"), ("ew", "est</w>"), ("n", "ewest</w>")],
        BpeTrainer.Learn(["low low low low low lower lower newest newest newest newest newest newest widest widest widest"], merges: 6));

    [Fact]
    public void Learn_KeepsItsCounts_AsIfAllWereCountedAnew()
    {
        var random = new Random(5);
        string[] texts = [.. Enumerable.Range(0, 60).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => "ab c"[random.Next(4)])))];

        Assert.Equal(LearnSlowly(texts, 40), BpeTrainer.Learn(texts, merges: 40));
    }

    [Fact]
    public void Write_GivesATokenizer_ForWhichAFrequentWordIsOneToken()
    {
        using TemporaryFolder folder = new();
        var merges = BpeTrainer.Learn(["grinning face", "crying face", "a noto style emoji of a crying face"], merges: 200);
        TokenizerFolder.Write(folder.Path, merges, length: 8);

        var tokenizer = ClipTokenizer.Load(folder.Path);

        Assert.Equal((8, 2), (tokenizer.Length, tokenizer.Encode("Crying FACE").TokenCount));
        Assert.Equal(256 + 256 + merges.Count + 2 - 1, tokenizer.HighestId);
        Assert.Equal(tokenizer.HighestId, tokenizer.Encode("face").Ids[2]); // the mark of the end
    }

    /// <summary>Counts all pairs of all words before each merge.</summary>
    private static List<(string, string)> LearnSlowly(string[] texts, int merges)
    {
        var words = texts.SelectMany(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(BytePairEncoder.Symbols).ToList();
        List<(string, string)> learned = [];
        while (learned.Count < merges)
        {
            var pairs = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair).Where(group => group.Count() >= 2).ToList();
            if (pairs.Count == 0) break;
            var best = pairs.OrderByDescending(group => group.Count())
                .ThenBy(group => group.Key.First, StringComparer.Ordinal).ThenBy(group => group.Key.Second, StringComparer.Ordinal).First().Key;
            learned.Add(best);
            foreach (var word in words) BytePairEncoder.Merge(word, best.First, best.Second);
        }
        return learned;
    }
}
