using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Clip;

/// <summary>Sizes of a transformer layer, of texts and of pictures.</summary>
internal interface IClipLayerConfig
{
    int HiddenSize { get; }

    int IntermediateSize { get; }

    int NumAttentionHeads { get; }

    string HiddenAct { get; }

    double LayerNormEps { get; }

    /// <exception cref="ModelPackageException">A size is out of range; names <paramref name="path"/>.</exception>
    static void Check(string path, IClipLayerConfig config)
    {
        var (width, heads) = (config.HiddenSize, config.NumAttentionHeads);
        var check = new ConfigCheck(path);
        check.Range("hidden_size", width, ConfigLimits.Width);
        check.Range("intermediate_size", config.IntermediateSize, ConfigLimits.Width);
        check.Require(heads > 0 && width % heads == 0, "num_attention_heads", heads, $"a divisor of hidden_size {width}");
        check.Require(config.HiddenAct is "quick_gelu" or "gelu", "hidden_act", config.HiddenAct, "quick_gelu or gelu");
    }
}
