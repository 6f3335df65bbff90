using System.Text.Json;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// The words and merges of a <c>tokenizer/</c> folder, and the tokens that were added to them: <c>vocab.json</c> and
/// <c>merges.txt</c>, or <c>tokenizer.json</c> alone, as transformers 5 saves it.
/// </summary>
/// <param name="File">Where the words are.</param>
/// <param name="Words">Ids of words.</param>
/// <param name="Merges">Ranks of merges.</param>
/// <param name="Added">Added tokens with their ids, and the file that adds each.</param>
internal sealed record ClipVocabulary(
    string File, Dictionary<string, int> Words, Dictionary<(string First, string Second), int> Merges, List<AddedToken> Added)
{
    private const string WordsName = "vocab.json", MergesName = "merges.txt", SingleName = "tokenizer.json", AddedName = "added_tokens.json";

    // CLIPTokenizer reads no merges beyond this, whatever the file has.
    private const int MaxMerges = 49152 - 256 - 2;

    /// <summary>The files that are read of a folder, config files apart; one that is missing is among them when it has to be there.</summary>
    public static IEnumerable<string> Files(string folder)
    {
        string[] words = IsSingle(folder) ? [SingleName] : [WordsName, MergesName];
        string[] added = System.IO.File.Exists(Path.Combine(folder, AddedName)) ? [AddedName] : [];
        return [.. words.Concat(added).Select(name => Path.Combine(folder, name))];
    }

    /// <exception cref="ModelPackageException">A file is missing, broken, or of another kind of tokenizer.</exception>
    public static ClipVocabulary Read(string folder)
    {
        var vocabulary = IsSingle(folder) ? ReadSingle(Path.Combine(folder, SingleName)) : ReadPair(folder);
        if (vocabulary.Words.Count == 0) throw new ModelPackageException(vocabulary.File, "its vocabulary is empty.");
        if (vocabulary.Words.Values.Min() < 0) throw new ModelPackageException(vocabulary.File, "it has negative ids.");
        var added = Path.Combine(folder, AddedName);
        if (System.IO.File.Exists(added))
        {
            foreach (var (content, id) in PackageJson.Read(added, ClipTokenizerJson.Default.DictionaryStringInt32))
                vocabulary.Added.Add(new(added, content, id, IsPlain: false));
        }

        return vocabulary;
    }

    private static bool IsSingle(string folder) =>
        !System.IO.File.Exists(Path.Combine(folder, WordsName)) && System.IO.File.Exists(Path.Combine(folder, SingleName));

    private static ClipVocabulary ReadPair(string folder)
    {
        var (words, merges) = (Path.Combine(folder, WordsName), Path.Combine(folder, MergesName));
        var lines = PackageFile.ReadText(merges).Trim().Split('\n').Skip(1); // the first is the version
        return new(
            words, PackageJson.Read(words, ClipTokenizerJson.Default.DictionaryStringInt32),
            Ranks(merges, lines.Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))), []);
    }

    private static ClipVocabulary ReadSingle(string path)
    {
        var file = PackageJson.Read(path, ClipTokenizerJson.Default.TokenizerFile);
        if (file.Model is not { Type: "BPE", EndOfWordSuffix: BytePairEncoder.WordEnd, Vocab: { } words, Merges: { } merges })
            throw new ModelPackageException(path, $"its model is no BPE whose words end in {BytePairEncoder.WordEnd}, as CLIP's do.");
        // "a b", or a pair where a symbol may have a blank in it
        var pairs = merges.Select(merge => merge.ValueKind == JsonValueKind.Array
            ? [.. merge.EnumerateArray().Select(symbol => symbol.ToString())]
            : merge.ToString().Split(' '));
        return new(path, words, Ranks(path, pairs), [.. (file.AddedTokens ?? []).Select(token => token.In(path, token.Id))]);
    }

    private static Dictionary<(string First, string Second), int> Ranks(string path, IEnumerable<string[]> merges)
    {
        var ranks = new Dictionary<(string First, string Second), int>();
        foreach (var (rank, merge) in merges.Take(MaxMerges).Index())
        {
            if (merge is not [var first, var second]) throw new ModelPackageException(path, $"merge {rank + 1} is not of two symbols.");
            ranks[(first, second)] = rank;
        }

        return ranks;
    }
}

/// <summary>A token beside the vocabulary's.</summary>
/// <param name="File">What adds it.</param>
/// <param name="Content">As it stands in a text.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsPlain">Whether it is split out of a text as it is written, and takes nothing around it along.</param>
internal sealed record AddedToken(string File, string Content, int Id, bool IsPlain);

/// <summary>What is read of a <c>tokenizer.json</c>.</summary>
internal sealed record TokenizerFile(TokenizerFile.Bpe? Model, List<TokenizerFile.Token>? AddedTokens)
{
    internal sealed record Bpe(string? Type, string? EndOfWordSuffix, Dictionary<string, int>? Vocab, List<JsonElement>? Merges);

    internal sealed record Token(string Content, int Id = 0, bool Special = false, bool Lstrip = false, bool Rstrip = false, bool SingleWord = false)
    {
        public AddedToken In(string file, int id) => new(file, Content, id, Special && !Lstrip && !Rstrip && !SingleWord);
    }
}
