using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Scorer;

/// <summary>A small contrastive network after CLIP (Radford et al., arXiv 2103.00020): pictures and texts as points of one
/// sphere, near each other where they belong together.</summary>
internal sealed class ImageTextModel : IDisposable
{
    /// <summary>ln(1/0.07), CLIP's start value of the temperature.</summary>
    private const double InitialLogScale = 2.6593;

    /// <summary>CLIP's limit of the temperature's inverse is 100.</summary>
    private const double MaxLogScale = 4.6052;

    private readonly Conv2d _convIn;
    private readonly List<Func<Tensor, Tensor>> _layers = [];
    private readonly GroupNorm _normOut;
    private readonly Linear _pictureProjection, _textProjection;
    private readonly ClipTextModel _text;
    private readonly Tensor _logScale;

    public ImageTextModel(ScorerConfig config, ScalarType dtype, Device device)
    {
        Parameters = new(dtype, device);
        var picture = Parameters.Root["picture_model"];
        var channels = config.BlockOutChannels[0];
        _convIn = new(picture["conv_in"], 3, channels, kernel: 3, padding: 1);
        for (var level = 0; level < config.BlockOutChannels.Count; level++)
        {
            var block = picture["blocks"][level];
            var resnet = new ResnetBlock2D(block["resnet"], channels, config.BlockOutChannels[level], config.NormNumGroups, eps: 1e-6);
            channels = config.BlockOutChannels[level];
            _layers.Add(x => resnet.Forward(x));
            _layers.Add(new Downsample2D(block["downsampler"], channels, padding: 1).Forward);
        }
        _normOut = new(picture["conv_norm_out"], config.NormNumGroups, channels, eps: 1e-6);
        _pictureProjection = new(picture["projection"], channels, config.EmbeddingSize, bias: false);
        _textProjection = new(Parameters.Root["text_projection"], config.Text.HiddenSize, config.EmbeddingSize, bias: false);
        _logScale = Parameters.Root.Zeros("logit_scale", 1);
        _text = new(config.Text, Parameters);
    }

    public ParameterSet Parameters { get; }

    /// <summary>(B, 3, H, W) in [−1, 1] → (B, d), float32, of length 1.</summary>
    public Tensor EmbedImages(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        var x = _convIn.Forward(pictures.to(Parameters.Dtype));
        foreach (var layer in _layers)
            x = layer(x);
        x = nn.functional.silu(_normOut.Forward(x)).mean([2, 3]);
        return Unit(_pictureProjection.Forward(x)).MoveToOuterDisposeScope();
    }

    /// <summary>Token ids, int64 (B, T) → (B, d), float32, of length 1.</summary>
    public Tensor EmbedTexts(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var states = _text.Forward(ids);
        // The end mark has the highest id; its state has seen the whole text. argmax gives the first of them.
        var end = ids.argmax(1).view(-1, 1, 1).expand(ids.shape[0], 1, states.shape[2]);
        return Unit(_textProjection.Forward(states.gather(1, end).squeeze(1))).MoveToOuterDisposeScope();
    }

    /// <summary>Similarities (B, B) of pictures and texts, divided by the temperature.</summary>
    public Tensor Logits(Tensor pictures, Tensor texts)
    {
        using var scope = NewDisposeScope();
        var scale = _logScale.to(ScalarType.Float32).add(Held(InitialLogScale), One).clamp(max: Held(MaxLogScale)).exp();
        return (pictures.matmul(texts.t()) * scale).MoveToOuterDisposeScope();
    }

    public void Dispose() => Parameters.Dispose();

    private static Tensor Unit(Tensor x)
    {
        using var scope = NewDisposeScope();
        var wide = x.to(ScalarType.Float32);
        return (wide * wide.pow(Held(2)).sum(1, keepdim: true).add(Held(1e-12), One).rsqrt()).MoveToOuterDisposeScope();
    }
}

/// <summary>Sizes of the scorer, <c>config.json</c> of its folder.</summary>
/// <param name="BlockOutChannels">Channels of each resolution level of the picture tower, finest first.</param>
/// <param name="Text">The text tower.</param>
/// <param name="EmbeddingSize">Width of the space that both map to.</param>
/// <param name="NormNumGroups">Groups of every group normalization.</param>
public sealed record ScorerConfig(IReadOnlyList<int> BlockOutChannels, ClipTextConfig Text, int EmbeddingSize = 128, int NormNumGroups = 16);
