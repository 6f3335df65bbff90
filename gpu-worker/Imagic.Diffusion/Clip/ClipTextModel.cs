using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Clip;

/// <summary>CLIP's text transformer (transformers <c>models/clip/modeling_clip.py</c>, <c>CLIPTextModel</c>).</summary>
public sealed class ClipTextModel : IDisposable
{
    private readonly Tensor _tokenEmbedding;
    private readonly Tensor _positionEmbedding;
    private readonly ClipEncoderLayer[] _layers;
    private readonly LayerNorm _finalNorm;

    /// <summary>Declares the model's parameters; the caller binds them.</summary>
    /// <param name="config">Sizes of the model.</param>
    /// <param name="parameters">The model's own set, which it disposes.</param>
    public ClipTextModel(ClipTextConfig config, ParameterSet parameters)
    {
        (Config, Parameters) = (config, parameters);
        var scope = parameters.Root["text_model"];
        var (embeddings, layers) = (scope["embeddings"], scope["encoder"]["layers"]);
        var (width, positions) = (config.HiddenSize, config.MaxPositionEmbeddings);
        _tokenEmbedding = embeddings["token_embedding"].Weight("weight", config.VocabSize, width);
        _positionEmbedding = embeddings["position_embedding"].Weight("weight", positions, width);
        _layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => new ClipEncoderLayer(config, layers[i]))];
        _finalNorm = new LayerNorm(scope["final_layer_norm"], width, config.LayerNormEps);
    }

    public ClipTextConfig Config { get; }

    /// <summary>All parameters, under their state-dict keys.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>
    /// The last hidden state, (B, T, d), of token ids, int64 (B, T) with T at most
    /// <see cref="ClipTextConfig.MaxPositionEmbeddings"/>. Each position sees itself and those before it; padding is not
    /// masked, as Stable Diffusion has it.
    /// </summary>
    public Tensor Forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var (batch, length) = (ids.shape[0], ids.shape[1]);
        var tokens = _tokenEmbedding.index_select(0, ids.reshape(-1)).view(batch, length, Config.HiddenSize);
        var states = tokens.add(_positionEmbedding.narrow(0, 0, length), One);
        foreach (var layer in _layers) states = layer.Forward(states);
        return _finalNorm.Forward(states).MoveToOuterDisposeScope();
    }

    public void Dispose() => Parameters.Dispose();
}
