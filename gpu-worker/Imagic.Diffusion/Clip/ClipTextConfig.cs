using System.Text.Json.Serialization;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// A <c>text_encoder/config.json</c>; what a file leaves out has the default of transformers' <c>CLIPTextConfig</c>.
/// </summary>
public sealed record ClipTextConfig
{
    /// <summary>Number of token ids.</summary>
    public int VocabSize { get; init; } = 49408;

    /// <summary>Width d of the states.</summary>
    public int HiddenSize { get; init; } = 512;

    /// <summary>Width within the feed-forward blocks.</summary>
    public int IntermediateSize { get; init; } = 2048;

    /// <summary>Number of transformer layers.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Heads per attention; divides <see cref="HiddenSize"/>.</summary>
    public int NumAttentionHeads { get; init; } = 8;

    /// <summary>Longest sequence of tokens.</summary>
    public int MaxPositionEmbeddings { get; init; } = 77;

    /// <summary>Activation of the feed-forward blocks, <c>quick_gelu</c> or <c>gelu</c>.</summary>
    public string HiddenAct { get; init; } = "quick_gelu";

    /// <summary>Added to variances before their root is taken.</summary>
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>Reads and checks a config file.</summary>
    /// <exception cref="ModelPackageException">The file is missing, broken, or asks for what is not supported.</exception>
    public static ClipTextConfig Read(string path)
    {
        var config = PackageJson.Read(path, ClipTextJson.Default.ClipTextConfig);
        Require(config.VocabSize > 0, "vocab_size", config.VocabSize, "a positive number");
        Require(config.HiddenSize > 0, "hidden_size", config.HiddenSize, "a positive number");
        Require(config.IntermediateSize > 0, "intermediate_size", config.IntermediateSize, "a positive number");
        Require(config.NumHiddenLayers > 0, "num_hidden_layers", config.NumHiddenLayers, "a positive number");
        Require(config.MaxPositionEmbeddings > 0, "max_position_embeddings", config.MaxPositionEmbeddings, "a positive number");
        Require(
            config.NumAttentionHeads > 0 && config.HiddenSize % config.NumAttentionHeads == 0,
            "num_attention_heads", config.NumAttentionHeads, $"a divisor of hidden_size {config.HiddenSize}");
        Require(config.HiddenAct is "quick_gelu" or "gelu", "hidden_act", config.HiddenAct, "quick_gelu or gelu");
        return config;

        void Require(bool isGood, string key, object value, string expected)
        {
            if (!isGood) throw new ModelPackageException(path, $"{key} is {value}, expected {expected}.");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ClipTextConfig))]
internal sealed partial class ClipTextJson : JsonSerializerContext;
