using Imagic.Diffusion.Clip;
using Imagic.Diffusion.T5;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Packages;

/// <summary>The folders of a package that its texts go through.</summary>
internal interface ITextComponents
{
    /// <exception cref="ModelPackageException">It is broken, incomplete, or asks for what is not supported.</exception>
    TextEncoder Load(ScalarType dtype, Device device);

    /// <summary>The files that are read.</summary>
    IEnumerable<string> Files();

    /// <summary>A check of each folder, which gives the number of its weights.</summary>
    IEnumerable<(string Name, Func<long> Check)> Checks();

    /// <summary>What a person should know.</summary>
    IEnumerable<string> Notices();

    /// <summary>What keeps the folders from being of one model; null when nothing does.</summary>
    string? Misfit();

    /// <summary>Widths of a text's states and of its pooled state, null where there is none.</summary>
    (int States, int? Pooled) ReadWidths();

    /// <summary>The words of a text that the model does not read; empty when it reads all.</summary>
    string Cut(string text);
}

/// <summary>CLIP's, once or twice.</summary>
internal sealed class ClipComponents(string folder, ModelIndex index) : ITextComponents
{
    private readonly ClipComponent[] _clips = index.Family == ModelFamily.StableDiffusionXL
        ? [new(folder, suffix: "", projects: false), new(folder, suffix: "_2", projects: true)]
        : [new(folder, suffix: "", projects: false)];

    public TextEncoder Load(ScalarType dtype, Device device)
    {
        List<ClipTextModel> models = [];
        try
        {
            foreach (var clip in _clips) models.Add(clip.Encoder.Load(dtype, device));
            return new ClipTextEncoder([.. _clips.Select(clip => clip.LoadTokenizer())], models, index.ForceZerosForEmptyPrompt);
        }
        catch
        {
            models.ForEach(model => model.Dispose());
            throw;
        }
    }

    public IEnumerable<string> Files() => _clips.SelectMany(clip => clip.Files());

    public IEnumerable<(string Name, Func<long> Check)> Checks() => _clips.SelectMany(clip => clip.Checks());

    public IEnumerable<string> Notices() => _clips.Select(clip => clip.Notice()).OfType<string>();

    public string? Misfit() => _clips.Select(clip => clip.Misfit()).FirstOrDefault(problem => problem is not null);

    public (int States, int? Pooled) ReadWidths()
    {
        var configs = _clips.Select(clip => clip.Encoder.ReadConfig()).ToList();
        return (configs.Sum(config => config.HiddenSize), configs.Count > 1 ? configs[^1].ProjectionDim : null);
    }

    // Both tokenizers of SDXL cut at the same place.
    public string Cut(string text) => _clips[0].LoadTokenizer().Encode(text).CutText;
}

/// <summary>A tokenizer of CLIP and the text encoder that reads its ids.</summary>
/// <param name="folder">The package's folder.</param>
/// <param name="suffix">What the folders' names end in: nothing, or <c>_2</c>.</param>
/// <param name="projects">Whether the encoder has the projection of the text as a whole.</param>
internal sealed class ClipComponent(string folder, string suffix, bool projects)
{
    private readonly string _tokenizer = Path.Combine(folder, "tokenizer" + suffix);

    public ModelComponent<ClipTextConfig, ClipTextModel> Encoder { get; } = new(
        Path.Combine(folder, "text_encoder" + suffix), "model", ClipTextConfig.Read, (config, set) => new(config, set, projects),
        config => key => WeightKeys.TextEncoder(key, config.NumHiddenLayers));

    public ClipTokenizer LoadTokenizer() => ClipTokenizer.Load(_tokenizer);

    public IEnumerable<string> Files() => [.. ClipTokenizer.Files(_tokenizer), .. Encoder.Files()];

    public IEnumerable<(string Name, Func<long> Check)> Checks() =>
    [
        ("tokenizer" + suffix, () =>
        {
            LoadTokenizer();
            return 0;
        }),
        ("text_encoder" + suffix, Encoder.Check),
    ];

    public string? Notice()
    {
        var used = Encoder.ReadConfig().NumHiddenLayers;
        var stored = Encoder.Keys().Max(WeightKeys.TextEncoderLayer) + 1 ?? 0;
        return stored <= used ? null : $"The last {stored - used} of {stored} layers of text_encoder{suffix} are left out, as its config.json says ({used}).";
    }

    public string? Misfit()
    {
        var (tokenizer, config) = (LoadTokenizer(), Encoder.ReadConfig());
        if (tokenizer.Length > config.MaxPositionEmbeddings)
            return $"a text has {tokenizer.Length} ids, text_encoder{suffix} reads at most {config.MaxPositionEmbeddings}";
        return tokenizer.HighestId < config.VocabSize ? null
            : $"tokenizer{suffix} has ids up to {tokenizer.HighestId}, text_encoder{suffix} knows {config.VocabSize}";
    }
}

/// <summary>T5's.</summary>
/// <param name="folder">The folder of stage I.</param>
internal sealed class T5Components(string folder) : ITextComponents
{
    private readonly string _tokenizer = Path.Combine(folder, "tokenizer");

    private readonly ModelComponent<T5Config, T5EncoderModel> _encoder = new(
        Path.Combine(folder, "text_encoder"), "model", T5Config.Read, (config, set) => new(config, set), _ => WeightKeys.T5Encoder);

    public TextEncoder Load(ScalarType dtype, Device device) => new T5TextEncoder(T5Tokenizer.Load(_tokenizer), _encoder.Load(dtype, device));

    public IEnumerable<string> Files() => [.. T5Tokenizer.Files(_tokenizer), .. _encoder.Files()];

    public IEnumerable<(string Name, Func<long> Check)> Checks() =>
    [
        ("stage_1/tokenizer", () =>
        {
            T5Tokenizer.Load(_tokenizer);
            return 0;
        }),
        ("stage_1/text_encoder", _encoder.Check),
    ];

    public IEnumerable<string> Notices() => [];

    public string? Misfit()
    {
        var (highest, known) = (T5Tokenizer.Load(_tokenizer).HighestId, _encoder.ReadConfig().VocabSize);
        return highest < known ? null : $"the tokenizer has ids up to {highest}, the text encoder knows {known}";
    }

    public (int States, int? Pooled) ReadWidths() => (_encoder.ReadConfig().DModel, null);

    public string Cut(string text) => T5Tokenizer.Load(_tokenizer).Cut(text);
}
