using System.Text.Json;
using System.Text.RegularExpressions;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// Text to token ids, the ids of transformers' <c>CLIPTokenizer</c> without ftfy
/// (<c>models/clip/tokenization_clip.py</c>) with padding and truncation to the model's length. Safe for concurrent
/// use.
/// </summary>
public sealed class ClipTokenizer
{
    /// <summary>Length of every published CLIP text model; used where the package names none.</summary>
    private const int DefaultLength = 77;

    /// <summary>The files that a tokenizer is read from; the last one may be absent.</summary>
    internal static readonly string[] FileNames =
        ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"];

    private const int MaxLength = 1 << 16;

    // CLIPTokenizer reads no merges beyond this, whatever the file has.
    private const int MaxMerges = 49152 - 256 - 2;

    private readonly BytePairEncoder _encoder;
    private readonly Dictionary<string, int> _specials;
    private readonly Regex _specialTokens;
    private readonly int _bosId;
    private readonly int _eosId;
    private readonly int _padId;

    private ClipTokenizer(
        int length, int highestId, BytePairEncoder encoder, Dictionary<string, int> specials, string bos, string eos, string pad)
    {
        (Length, HighestId, _encoder, _specials) = (length, highestId, encoder, specials);
        (_bosId, _eosId, _padId) = (specials[bos], specials[eos], specials[pad]);
        // As they are written: theirs is the only case that counts. The group keeps them among what it splits.
        var longestFirst = specials.Keys.OrderByDescending(token => token.Length).Select(Regex.Escape);
        _specialTokens = new Regex($"({string.Join('|', longestFirst)})");
    }

    /// <summary>Number of ids that every text becomes, T.</summary>
    public int Length { get; }

    /// <summary>The highest id of the vocabulary.</summary>
    public int HighestId { get; }

    /// <summary>Reads <c>vocab.json</c>, <c>merges.txt</c> and the config files of a <c>tokenizer/</c> folder.</summary>
    /// <exception cref="ModelPackageException">A file is missing, broken, or of another kind of tokenizer.</exception>
    public static ClipTokenizer Load(string folder)
    {
        var configPath = Path.Combine(folder, "tokenizer_config.json");
        var config = ReadConfig(folder, configPath);
        if (config.TokenizerClass is { } name && name is not ("CLIPTokenizer" or "CLIPTokenizerFast"))
            throw new ModelPackageException(configPath, $"tokenizer_class is {name}; supported is CLIPTokenizer.");

        var vocabularyPath = Path.Combine(folder, "vocab.json");
        var vocabulary = PackageJson.Read(vocabularyPath, ClipTokenizerJson.Default.DictionaryStringInt32);
        var specials = new Dictionary<string, int>();
        var bos = Special(config.BosToken, "<|startoftext|>");
        var eos = Special(config.EosToken, "<|endoftext|>");
        var pad = Special(config.PadToken, "<|endoftext|>");
        var unknown = Special(config.UnkToken, "<|endoftext|>");
        if (vocabulary.Values.Min() < 0) throw new ModelPackageException(vocabularyPath, "it has negative ids.");
        var encoder = new BytePairEncoder(vocabulary, ReadMerges(Path.Combine(folder, "merges.txt")), specials[unknown]);
        return new ClipTokenizer(ReadLength(config, configPath), vocabulary.Values.Max(), encoder, specials, bos, eos, pad);

        string Special(JsonElement? entry, string standard)
        {
            var token = ClipTokenizerConfig.Content(entry) ?? standard;
            if (token.Length == 0 || !vocabulary.TryGetValue(token, out var id))
                throw new ModelPackageException(vocabularyPath, $"the special token '{token}' is not in the vocabulary.");
            specials[token] = id;
            return token;
        }
    }

    /// <summary>The ids of a text, begin and end token around it, cut or padded to <see cref="Length"/>.</summary>
    public ClipTokens Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var room = Length - 2;
        var ids = new List<int>();
        var cut = new List<string>();
        foreach (var part in _specialTokens.Split(text))
        {
            var isSpecial = _specials.TryGetValue(part, out var special);
            foreach (var word in isSpecial ? [part] : BasicTokenizer.Split(part))
            {
                ids.AddRange(isSpecial ? [special] : _encoder.Encode(word));
                if (ids.Count > room) cut.Add(word);
            }
        }

        var padded = new long[Length];
        Array.Fill(padded, _padId);
        var count = Math.Min(ids.Count, room);
        padded[0] = _bosId;
        for (var i = 0; i < count; i++) padded[i + 1] = ids[i];
        padded[count + 1] = _eosId;
        return new ClipTokens(padded, ids.Count, string.Join(' ', cut));
    }

    private static ClipTokenizerConfig ReadConfig(string folder, string configPath)
    {
        var config = PackageJson.Read(configPath, ClipTokenizerJson.Default.ClipTokenizerConfig);
        var mapPath = Path.Combine(folder, "special_tokens_map.json");

        // As transformers does: the map wins over the config, unless the config is of the newer form with all tokens.
        if (config.AddedTokensDecoder is not null || !File.Exists(mapPath)) return config;
        return config.OverriddenBy(PackageJson.Read(mapPath, ClipTokenizerJson.Default.ClipTokenizerConfig));
    }

    private static int ReadLength(ClipTokenizerConfig config, string path)
    {
        var length = config.ModelMaxLength ?? DefaultLength;
        if (length > MaxLength) return DefaultLength;
        if (length < 2 || length != Math.Floor(length))
            throw new ModelPackageException(path, $"model_max_length is {length}, expected a whole number of at least 2.");
        return (int)length;
    }

    private static Dictionary<(string First, string Second), int> ReadMerges(string path)
    {
        var ranks = new Dictionary<(string First, string Second), int>();
        var lines = PackageJson.ReadText(path).Trim().Split('\n').Skip(1).Take(MaxMerges); // the first is the version
        foreach (var (rank, line) in lines.Index())
        {
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not [var first, var second])
                throw new ModelPackageException(path, $"line {rank + 2} is '{line.Trim()}', expected two symbols.");
            ranks[(first, second)] = rank;
        }

        return ranks;
    }
}
