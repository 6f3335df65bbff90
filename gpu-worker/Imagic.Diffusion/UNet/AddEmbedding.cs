using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// What is added to the embedding of the timestep of what else the model is told. diffusers
/// <c>models/unets/unet_2d_condition.py</c>, <c>addition_embed_type</c>.
/// </summary>
internal interface IAddEmbedding
{
    /// <param name="text">What is told of the text.</param>
    /// <param name="timeIds">What SDXL is told of the picture's size, (1, 6) or (B, 6).</param>
    /// <returns>(B, time embedding).</returns>
    Tensor Forward(TextEmbedding text, Tensor? timeIds);
}

/// <summary><c>text_time</c>: the text as a whole and the picture's size (SDXL, arXiv 2307.01952, section 2.2).</summary>
internal sealed class TextTimeAddition(ParameterScope scope, UNet2DConditionConfig config) : IAddEmbedding
{
    private readonly Sinusoids _sinusoids = new(config.AdditionTimeEmbedDim!.Value, config.FlipSinToCos, config.FreqShift);
    private readonly TimestepEmbedding _embedding =
        new(scope, config.ProjectionClassEmbeddingsInputDim!.Value, config.TimeEmbedDim);

    /// <exception cref="ArgumentException">There is no pooled state, or there are no time ids.</exception>
    public Tensor Forward(TextEmbedding text, Tensor? timeIds)
    {
        if (text.Pooled is not { } pooled || timeIds is null)
            throw new ArgumentException("the UNet also takes a pooled state of the text and time ids", nameof(text));
        using var temporaries = NewDisposeScope();
        var sizes = _sinusoids.Of(timeIds.flatten()).view(timeIds.shape[0], -1).expand(pooled.shape[0], -1);
        return cat([pooled, sizes.to(pooled.dtype)], dim: -1).Then(_embedding.Forward).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// <c>text</c>: the text's states, pooled by attention of their mean to all (DeepFloyd IF). diffusers
/// <c>models/embeddings.py</c>, TextTimeEmbedding and AttentionPooling.
/// </summary>
internal sealed class TextAddition(ParameterScope scope, UNet2DConditionConfig config) : IAddEmbedding
{
    private readonly int _heads = config.AdditionEmbedTypeNumHeads;
    private readonly LayerNorm _norm1 = new(scope["norm1"], config.TextDim);
    private readonly Tensor _position = scope["pool"].Weight("positional_embedding", 1, config.TextDim);
    private readonly Linear _key = new(scope["pool"]["k_proj"], config.TextDim, config.TextDim);
    private readonly Linear _query = new(scope["pool"]["q_proj"], config.TextDim, config.TextDim);
    private readonly Linear _value = new(scope["pool"]["v_proj"], config.TextDim, config.TextDim);
    private readonly Linear _projection = new(scope["proj"], config.TextDim, config.TimeEmbedDim);
    private readonly LayerNorm _norm2 = new(scope["norm2"], config.TimeEmbedDim);

    public Tensor Forward(TextEmbedding text, Tensor? timeIds)
    {
        using var temporaries = NewDisposeScope();
        var states = _norm1.Forward(text.States);
        var mean = states.mean([1], keepdim: true).add(_position, One);
        var all = cat([mean, states], dim: 1);
        var pooled = nn.functional.scaled_dot_product_attention(
            Heads(_query.Forward(mean)), Heads(_key.Forward(all)), Heads(_value.Forward(all)));
        return scope.Gave(_norm2.Forward(_projection.Forward(pooled.transpose(1, 2).flatten(2).squeeze(1))).MoveToOuterDisposeScope());
    }

    // (B, T, d) → (B, heads, T, d / heads)
    private Tensor Heads(Tensor x) => x.unflatten(2, [_heads, -1]).transpose(1, 2);
}
