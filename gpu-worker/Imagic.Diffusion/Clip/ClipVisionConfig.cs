using System.Text.Json.Nodes;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// The <c>vision_config</c> of a CLIP config; what it leaves out has the default of transformers' <c>CLIPVisionConfig</c>.
/// Positional, because source-generated JSON keeps the defaults of parameters, but not those of init-only properties.
/// </summary>
/// <param name="HiddenSize">Width d of the states.</param>
/// <param name="IntermediateSize">Width within the feed-forward blocks.</param>
/// <param name="NumHiddenLayers">Number of transformer layers.</param>
/// <param name="NumAttentionHeads">Heads per attention; divides <paramref name="HiddenSize"/>.</param>
/// <param name="ImageSize">Side of the pictures, in pixels.</param>
/// <param name="PatchSize">Side of the squares that become one state each; divides <paramref name="ImageSize"/>.</param>
/// <param name="HiddenAct">Activation of the feed-forward blocks, <c>quick_gelu</c> or <c>gelu</c>.</param>
/// <param name="LayerNormEps">Added to variances before their root is taken.</param>
public sealed record ClipVisionConfig(
    int HiddenSize = 768,
    int IntermediateSize = 3072,
    int NumHiddenLayers = 12,
    int NumAttentionHeads = 12,
    int ImageSize = 224,
    int PatchSize = 32,
    string HiddenAct = "quick_gelu",
    double LayerNormEps = 1e-5) : IClipLayerConfig
{
    /// <summary>States of a picture: its patches, and one for the whole.</summary>
    internal int Positions => (ImageSize / PatchSize * (ImageSize / PatchSize)) + 1;

    /// <summary>Reads and checks the part of a config file; in older ones <c>vision_config_dict</c> is over it.</summary>
    /// <exception cref="ModelPackageException">It asks for what is not supported.</exception>
    internal static ClipVisionConfig Read(string path, JsonObject content)
    {
        var merged = new JsonObject();
        foreach (var part in (string[])["vision_config", "vision_config_dict"])
        {
            foreach (var (key, value) in content[part] as JsonObject ?? [])
            {
                if (value is not null) merged[key] = value.DeepClone();
            }
        }

        var config = PackageJson.Bind(path, merged, DiffusionJson.Default.ClipVisionConfig);
        IClipLayerConfig.Check(path, config);
        var check = new ConfigCheck(path);
        check.Range("num_hidden_layers", config.NumHiddenLayers, ConfigLimits.EncoderLayers);
        check.Range("image_size", config.ImageSize, ConfigLimits.Side);
        check.Require(config.PatchSize > 0 && config.ImageSize % config.PatchSize == 0, "patch_size", config.PatchSize, $"a divisor of image_size {config.ImageSize}");
        return config;
    }
}
