using System.Text.Json.Serialization;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// A <c>text_encoder/config.json</c>; what a file leaves out has the default of transformers' <c>CLIPTextConfig</c>.
/// Positional, because source-generated JSON keeps the defaults of parameters, but not those of init-only properties.
/// </summary>
/// <param name="VocabSize">Number of token ids.</param>
/// <param name="HiddenSize">Width d of the states.</param>
/// <param name="IntermediateSize">Width within the feed-forward blocks.</param>
/// <param name="NumHiddenLayers">Number of transformer layers.</param>
/// <param name="NumAttentionHeads">Heads per attention; divides <paramref name="HiddenSize"/>.</param>
/// <param name="MaxPositionEmbeddings">Longest sequence of tokens.</param>
/// <param name="HiddenAct">Activation of the feed-forward blocks, <c>quick_gelu</c> or <c>gelu</c>.</param>
/// <param name="LayerNormEps">Added to variances before their root is taken.</param>
public sealed record ClipTextConfig(
    int VocabSize = 49408,
    int HiddenSize = 512,
    int IntermediateSize = 2048,
    int NumHiddenLayers = 12,
    int NumAttentionHeads = 8,
    int MaxPositionEmbeddings = 77,
    string HiddenAct = "quick_gelu",
    double LayerNormEps = 1e-5)
{
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
