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
        Require(width is > 0 and <= ConfigLimits.Width, "hidden_size", width, $"1 to {ConfigLimits.Width}");
        Require(config.IntermediateSize is > 0 and <= ConfigLimits.Width, "intermediate_size", config.IntermediateSize, $"1 to {ConfigLimits.Width}");
        Require(heads > 0 && width % heads == 0, "num_attention_heads", heads, $"a divisor of hidden_size {width}");
        Require(config.HiddenAct is "quick_gelu" or "gelu", "hidden_act", config.HiddenAct, "quick_gelu or gelu");

        void Require(bool isGood, string key, object value, string expected)
        {
            if (!isGood) throw new ModelPackageException(path, $"{key} is {value}, expected {expected}.");
        }
    }
}
