using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// CLIP's text transformer (transformers <c>models/clip/modeling_clip.py</c>, <c>CLIPTextModel</c> and
/// <c>CLIPTextModelWithProjection</c>).
/// </summary>
public sealed class ClipTextModel : IDisposable
{
    // What the configs of the first converted models say; theirs end a text with the largest id all the same.
    private const int UnsetEosTokenId = 2;

    private readonly Tensor _tokenEmbedding;
    private readonly Tensor _positionEmbedding;
    private readonly ClipEncoderLayer[] _layers;
    private readonly LayerNorm _finalNorm;
    private readonly Linear? _textProjection;

    /// <summary>Declares the model's parameters; the caller binds them.</summary>
    /// <param name="config">Sizes of the model.</param>
    /// <param name="parameters">The model's own set, which it disposes.</param>
    /// <param name="projects">Whether it has the projection of the text as a whole.</param>
    public ClipTextModel(ClipTextConfig config, ParameterSet parameters, bool projects = false)
    {
        (Config, Parameters) = (config, parameters);
        var scope = parameters.Root["text_model"];
        var (embeddings, layers) = (scope["embeddings"], scope["encoder"]["layers"]);
        var (width, positions) = (config.HiddenSize, config.MaxPositionEmbeddings);
        _tokenEmbedding = embeddings["token_embedding"].Weight("weight", config.VocabSize, width);
        _positionEmbedding = embeddings["position_embedding"].Weight("weight", positions, width);
        _layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => new ClipEncoderLayer(config, layers[i]))];
        _finalNorm = new LayerNorm(scope["final_layer_norm"], width, config.LayerNormEps);
        if (projects) _textProjection = new(parameters.Root["text_projection"], width, config.ProjectionDim, bias: false);
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
        return _finalNorm.Forward(_layers[^1].Forward(Penultimate(ids))).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What the last layer but one gives, (B, T, d), and where the model has a projection the text as a whole, (B, p): the
    /// projected last state at the end token.
    /// </summary>
    public (Tensor States, Tensor? Pooled) ForwardPenultimate(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var states = Penultimate(ids);
        var pooled = _textProjection is null ? null : Pool(ids, _finalNorm.Forward(_layers[^1].Forward(states)));
        return (states.MoveToOuterDisposeScope(), pooled?.MoveToOuterDisposeScope());
    }

    public void Dispose() => Parameters.Dispose();

    private Tensor Penultimate(Tensor ids)
    {
        var (batch, length) = (ids.shape[0], ids.shape[1]);
        var tokens = _tokenEmbedding.index_select(0, ids.reshape(-1)).view(batch, length, Config.HiddenSize);
        var states = tokens.add(_positionEmbedding.narrow(0, 0, length), One);
        foreach (var layer in _layers.AsSpan(..^1)) states = layer.Forward(states);
        return states;
    }

    // argmax finds the first of several.
    private Tensor Pool(Tensor ids, Tensor last)
    {
        var ends = Config.EosTokenId == UnsetEosTokenId ? ids : ids.eq(Held(Config.EosTokenId)).to(ScalarType.Int32);
        var rows = arange(Held(0), Held(ids.shape[0]), One, device: ids.device);
        return _textProjection!.Forward(last[TensorIndex.Tensor(rows), TensorIndex.Tensor(ends.argmax(-1))]);
    }
}
