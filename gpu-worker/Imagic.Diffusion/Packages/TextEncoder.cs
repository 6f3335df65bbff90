using Imagic.Diffusion.Clip;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Packages;

/// <summary>All that makes a model's embedding of a text: one tokenizer and text encoder, or the two of SDXL.</summary>
public sealed class TextEncoder : IDisposable
{
    private readonly IReadOnlyList<ClipTokenizer> _tokenizers;
    private readonly ModelIndex _index;

    internal TextEncoder(IReadOnlyList<ClipTokenizer> tokenizers, IReadOnlyList<ClipTextModel> models, ModelIndex index) =>
        (_tokenizers, Models, _index) = (tokenizers, models, index);

    /// <summary>In the order of the package's folders.</summary>
    public IReadOnlyList<ClipTextModel> Models { get; }

    /// <summary>
    /// e of each text, states (B, T, d): the last of the one encoder, or side by side the last but one of both and the
    /// second one's pooled state (diffusers <c>pipeline_stable_diffusion_xl.py</c>, encode_prompt).
    /// </summary>
    public TextEmbedding Encode(params IReadOnlyList<string> texts)
    {
        using var scope = NewDisposeScope();
        if (!_index.IsXL) return new(Models[0].Forward(Ids(0, texts)).MoveToOuterDisposeScope());
        var (first, second) = (Models[0].ForwardPenultimate(Ids(0, texts)), Models[1].ForwardPenultimate(Ids(1, texts)));
        return new TextEmbedding(cat([first.States, second.States], dim: -1), second.Pooled).Map(part => part.MoveToOuterDisposeScope());
    }

    /// <summary>e of a text to steer away from; of none at all some models want zeros.</summary>
    public TextEmbedding EncodeNegative(string text)
    {
        var embedding = Encode(text);
        return text.Length == 0 && _index.ForceZerosForEmptyPrompt ? embedding.Map(part => part.zero_()) : embedding;
    }

    public void Dispose()
    {
        foreach (var model in Models) model.Dispose();
    }

    private Tensor Ids(int index, IReadOnlyList<string> texts)
    {
        var tokenizer = _tokenizers[index];
        var ids = texts.SelectMany(text => tokenizer.Encode(text).Ids).ToArray();
        return tensor(ids, [texts.Count, tokenizer.Length]).to(Models[index].Parameters.Device);
    }
}

/// <summary>A tokenizer and the text encoder that reads its ids, as folders of a package.</summary>
/// <param name="folder">The package's folder.</param>
/// <param name="suffix">What the folders' names end in: nothing, or <c>_2</c>.</param>
/// <param name="projects">Whether the encoder has the projection of the text as a whole.</param>
internal sealed class TextComponent(string folder, string suffix, bool projects)
{
    private readonly ModelComponent<ClipTextConfig, ClipTextModel> _encoder = new(
        Path.Combine(folder, "text_encoder" + suffix), "model", ClipTextConfig.Read, (config, set) => new(config, set, projects),
        config => key => WeightKeys.TextEncoder(key, config.NumHiddenLayers));

    private string TokenizerFolder => Path.Combine(folder, "tokenizer" + suffix);

    public ClipTokenizer LoadTokenizer() => ClipTokenizer.Load(TokenizerFolder);

    public ClipTextModel Load(ScalarType dtype, Device device) => _encoder.Load(dtype, device);

    public ClipTextConfig ReadConfig() => _encoder.ReadConfig();

    public IEnumerable<string> Files() => [.. ClipTokenizer.Files(TokenizerFolder), .. _encoder.Files()];

    /// <summary>The checks of both, by their names in a report.</summary>
    public IEnumerable<(string Name, Func<long> Check)> Checks() =>
    [
        ("tokenizer" + suffix, () =>
        {
            LoadTokenizer();
            return 0;
        }),
        ("text_encoder" + suffix, _encoder.Check),
    ];

    /// <summary>What a person should know of the encoder; null when nothing.</summary>
    public string? Notice()
    {
        var used = ReadConfig().NumHiddenLayers;
        var stored = _encoder.Keys().Max(WeightKeys.TextEncoderLayer) + 1 ?? 0;
        return stored <= used ? null : $"The last {stored - used} of {stored} layers of text_encoder{suffix} are left out, as its config.json says ({used}).";
    }

    /// <summary>What keeps the two from being of one model; null when nothing does.</summary>
    public string? Misfit()
    {
        var (tokenizer, config) = (LoadTokenizer(), ReadConfig());
        if (tokenizer.Length > config.MaxPositionEmbeddings)
            return $"a text has {tokenizer.Length} ids, text_encoder{suffix} reads at most {config.MaxPositionEmbeddings}";
        return tokenizer.HighestId < config.VocabSize ? null
            : $"tokenizer{suffix} has ids up to {tokenizer.HighestId}, text_encoder{suffix} knows {config.VocabSize}";
    }
}
