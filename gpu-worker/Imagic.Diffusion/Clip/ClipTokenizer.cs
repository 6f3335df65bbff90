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

    private const string ConfigName = "tokenizer_config.json", MapName = "special_tokens_map.json";

    private const int MaxLength = 1 << 16;

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

    /// <summary>The files of a <c>tokenizer/</c> folder that are read; of those that may be absent, the ones that are there.</summary>
    internal static IEnumerable<string> Files(string folder) =>
        [.. ClipVocabulary.Files(folder), Path.Combine(folder, ConfigName), .. new[] { Path.Combine(folder, MapName) }.Where(File.Exists)];

    /// <summary>Reads a <c>tokenizer/</c> folder.</summary>
    /// <exception cref="ModelPackageException">A file is missing, broken, or of another kind of tokenizer.</exception>
    public static ClipTokenizer Load(string folder)
    {
        var configPath = Path.Combine(folder, ConfigName);
        var config = ReadConfig(folder, configPath);
        if (config.TokenizerClass is { } name && name is not ("CLIPTokenizer" or "CLIPTokenizerFast"))
            throw new ModelPackageException(configPath, $"tokenizer_class is {name}; supported is CLIPTokenizer.");

        var vocabulary = ClipVocabulary.Read(folder);
        var specials = new Dictionary<string, int>();
        var bos = Special(config.BosToken, "<|startoftext|>");
        var eos = Special(config.EosToken, "<|endoftext|>");
        var pad = Special(config.PadToken, "<|endoftext|>");
        var unknown = Special(config.UnkToken, "<|endoftext|>");
        foreach (var token in vocabulary.Added.Concat(config.AddedTokens(configPath))) Add(token);
        var encoder = new BytePairEncoder(vocabulary.Words, vocabulary.Merges, specials[unknown]);
        var highest = Math.Max(vocabulary.Words.Values.Max(), specials.Values.Max());
        return new ClipTokenizer(ReadLength(config, configPath), highest, encoder, specials, bos, eos, pad);

        string Special(JsonElement? entry, string standard)
        {
            var token = ClipTokenizerConfig.Content(entry) ?? standard;
            var added = vocabulary.Added.Find(entry => entry.Content == token);
            if (token.Length == 0 || !(vocabulary.Words.TryGetValue(token, out var id) || added is not null))
                throw new ModelPackageException(vocabulary.File, $"the special token '{token}' is not in the vocabulary.");
            specials[token] = added?.Id ?? id;
            return token;
        }

        void Add(AddedToken token)
        {
            if (specials.TryGetValue(token.Content, out var known) && known == token.Id) return;
            if (!token.IsPlain || token.Content.Length == 0 || token.Id < 0 || !specials.TryAdd(token.Content, token.Id))
                throw new ModelPackageException(token.File, $"the added token '{token.Content}' ({token.Id}) is not supported. Use a package without it.");
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
        var mapPath = Path.Combine(folder, MapName);

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
}
