using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Clip;

/// <summary>CLIP's transformer of pictures (transformers <c>models/clip/modeling_clip.py</c>, <c>CLIPVisionTransformer</c>).</summary>
internal sealed class ClipVisionModel
{
    private const int Channels = 3;

    private readonly ClipVisionConfig _config;
    private readonly Tensor _wholeEmbedding;
    private readonly Tensor _patchEmbedding;
    private readonly Tensor _positionEmbedding;
    private readonly LayerNorm _firstNorm;
    private readonly ClipEncoderLayer[] _layers;
    private readonly LayerNorm _lastNorm;

    /// <summary>Declares the model's parameters.</summary>
    public ClipVisionModel(ClipVisionConfig config, ParameterScope scope)
    {
        _config = config;
        var (embeddings, layers, width) = (scope["embeddings"], scope["encoder"]["layers"], config.HiddenSize);
        _wholeEmbedding = embeddings.Weight("class_embedding", width);
        _patchEmbedding = embeddings["patch_embedding"].Weight("weight", width, Channels, config.PatchSize, config.PatchSize);
        _positionEmbedding = embeddings["position_embedding"].Weight("weight", config.Positions, width);
        _firstNorm = new(scope["pre_layrnorm"], width, config.LayerNormEps); // sic
        _layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => new ClipEncoderLayer(config, layers[i], isCausal: false))];
        _lastNorm = new(scope["post_layernorm"], width, config.LayerNormEps);
    }

    /// <summary>The state of each picture as a whole, (B, d), of normalized pictures (B, 3, S, S).</summary>
    public Tensor Forward(Tensor pictures)
    {
        using var scope = NewDisposeScope();
        // A convolution whose stride is its size: each patch (3·p·p) times the weights.
        var patches = nn.functional.unfold(pictures, _config.PatchSize, stride: _config.PatchSize).transpose(1, 2);
        var embedded = matmul(patches, _patchEmbedding.view(_config.HiddenSize, -1).t());
        var whole = _wholeEmbedding.expand(pictures.shape[0], 1, -1);
        var states = _firstNorm.Forward(cat([whole, embedded], dim: 1).add(_positionEmbedding, One));
        foreach (var layer in _layers) states = layer.Forward(states);
        return _lastNorm.Forward(states.select(1, 0)).MoveToOuterDisposeScope();
    }
}
