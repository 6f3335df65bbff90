using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.T5;

/// <summary>
/// A <c>text_encoder/config.json</c> of a T5 encoder; what a file leaves out has the default of transformers'
/// <c>T5Config</c>. Positional, because source-generated JSON keeps the defaults of parameters, but not those of init-only
/// properties.
/// </summary>
/// <param name="VocabSize">Number of token ids.</param>
/// <param name="DModel">Width d of the states.</param>
/// <param name="DKv">Width of one attention head; heads together need not be as wide as the states.</param>
/// <param name="DFf">Width within the feed-forward blocks.</param>
/// <param name="NumLayers">Number of transformer layers.</param>
/// <param name="NumHeads">Heads per attention.</param>
/// <param name="RelativeAttentionNumBuckets">Distances that attention tells apart, both directions together.</param>
/// <param name="RelativeAttentionMaxDistance">Distance from which on all are one.</param>
/// <param name="LayerNormEpsilon">Added to mean squares before their root is taken.</param>
/// <param name="FeedForwardProj">Kind of the feed-forward blocks; <c>gated-gelu</c> is T5 1.1's.</param>
public sealed record T5Config(
    int VocabSize = 32128,
    int DModel = 512,
    int DKv = 64,
    int DFf = 2048,
    int NumLayers = 6,
    int NumHeads = 8,
    int RelativeAttentionNumBuckets = 32,
    int RelativeAttentionMaxDistance = 128,
    double LayerNormEpsilon = 1e-6,
    string FeedForwardProj = "relu")
{
    /// <summary>Reads and checks a config file.</summary>
    /// <exception cref="ModelPackageException">The file is missing, broken, or asks for what is not supported.</exception>
    public static T5Config Read(string path)
    {
        var config = PackageJson.Bind(path, PackageJson.ReadConfig(path), DiffusionJson.Default.T5Config);
        var check = new ConfigCheck(path);
        check.Range("vocab_size", config.VocabSize, ConfigLimits.Vocabulary);
        check.Range("d_model", config.DModel, ConfigLimits.Width);
        check.Range("d_kv", config.DKv, ConfigLimits.Width);
        check.Range("d_ff", config.DFf, ConfigLimits.Width);
        check.Range("num_layers", config.NumLayers, ConfigLimits.EncoderLayers);
        check.Range("num_heads", config.NumHeads, ConfigLimits.Width);
        check.Range("relative_attention_num_buckets", config.RelativeAttentionNumBuckets, ConfigLimits.Width);
        check.Range("relative_attention_max_distance", config.RelativeAttentionMaxDistance, ConfigLimits.Width);
        check.Require(config.RelativeAttentionNumBuckets % 4 == 0, "relative_attention_num_buckets", config.RelativeAttentionNumBuckets, "a multiple of 4");
        check.Require(
            config.RelativeAttentionMaxDistance > config.RelativeAttentionNumBuckets / 4, "relative_attention_max_distance",
            config.RelativeAttentionMaxDistance, "more than a quarter of relative_attention_num_buckets");
        check.Require(config.FeedForwardProj == "gated-gelu", "feed_forward_proj", config.FeedForwardProj, "gated-gelu");
        return config;
    }
}
