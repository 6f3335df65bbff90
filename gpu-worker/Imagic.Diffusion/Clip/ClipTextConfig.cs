using Imagic.Diffusion.Configuration;
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
/// <param name="ProjectionDim">Width of the projected state of a text as a whole, in models that have one.</param>
/// <param name="EosTokenId">Id of the end token; 2 in configs that do not know it.</param>
public sealed record ClipTextConfig(
    int VocabSize = 49408,
    int HiddenSize = 512,
    int IntermediateSize = 2048,
    int NumHiddenLayers = 12,
    int NumAttentionHeads = 8,
    int MaxPositionEmbeddings = 77,
    string HiddenAct = "quick_gelu",
    double LayerNormEps = 1e-5,
    int ProjectionDim = 512,
    int EosTokenId = 49407) : IClipLayerConfig
{
    /// <summary>Reads and checks a config file.</summary>
    /// <exception cref="ModelPackageException">The file is missing, broken, or asks for what is not supported.</exception>
    public static ClipTextConfig Read(string path)
    {
        var config = PackageJson.Bind(path, PackageJson.ReadConfig(path), DiffusionJson.Default.ClipTextConfig);
        var check = new ConfigCheck(path);
        check.Range("vocab_size", config.VocabSize, ConfigLimits.Vocabulary);
        IClipLayerConfig.Check(path, config);
        check.Range("num_hidden_layers", config.NumHiddenLayers, ConfigLimits.EncoderLayers);
        check.Range("projection_dim", config.ProjectionDim, ConfigLimits.Width);
        check.Range("max_position_embeddings", config.MaxPositionEmbeddings, ConfigLimits.Width);
        return config;
    }
}
