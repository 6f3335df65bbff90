using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>What may follow a resnet of a UNet, (B, C, H, W) → same.</summary>
internal interface ILevelAttention
{
    Tensor Forward(Tensor x, TextContext text);
}

/// <summary>
/// One attention of the positions of a feature map to the text and to themselves, added to it. diffusers
/// <c>models/attention_processor.py</c>, AttnAddedKVProcessor.
/// </summary>
/// <param name="scope">Where the parameters are declared.</param>
/// <param name="config">The UNet's configuration.</param>
/// <param name="level">Resolution level, 0 the finest.</param>
/// <param name="block">Position of the block on its way, which the width of its heads goes by: on the way up diffusers does not
/// turn that list round.</param>
/// <param name="projection">What brings the text's states to the width that is attended to; null where they have it.</param>
internal sealed class SimpleCrossAttention(ParameterScope scope, UNet2DConditionConfig config, int level, int block, TextProjection? projection)
    : ILevelAttention
{
    private const double Eps = 1e-5;

    private readonly int _channels = config.BlockOutChannels[level];
    private readonly int _headWidth = config.AttentionHeadDim[block];
    private readonly GroupNorm _norm = new(scope["group_norm"], config.NormNumGroups, config.BlockOutChannels[level], Eps);
    private readonly GroupNorm? _textNorm = config.CrossAttentionNorm is null
        ? null
        : new(scope["norm_cross"], UNet2DConditionConfig.CrossAttentionNormGroups, config.CrossAttentionDim, Eps);
    private readonly Linear _toQuery = Square(scope["to_q"], config, level);
    private readonly Linear _toKey = Square(scope["to_k"], config, level);
    private readonly Linear _toValue = Square(scope["to_v"], config, level);
    private readonly Linear _addKey = new(scope["add_k_proj"], config.CrossAttentionDim, config.BlockOutChannels[level]);
    private readonly Linear _addValue = new(scope["add_v_proj"], config.CrossAttentionDim, config.BlockOutChannels[level]);
    private readonly Linear _toOut = Square(scope["to_out"][0], config, level);

    public Tensor Forward(Tensor x, TextContext text)
    {
        using var temporaries = NewDisposeScope();
        var tokens = _norm.Forward(x).Then(Tokens.FromFeatureMap);
        var (textKeys, textValues) = text.For(this, context => Project(context.States(projection)));
        var (query, batch) = (Heads(_toQuery.Forward(tokens)), x.shape[0]);
        var keys = cat([textKeys.expand(batch, -1, -1, -1), Heads(_toKey.Forward(tokens))], dim: 2);
        var values = cat([textValues.expand(batch, -1, -1, -1), Heads(_toValue.Forward(tokens))], dim: 2);
        var attended = nn.functional.scaled_dot_product_attention(query, keys, values).transpose(1, 2).flatten(2);
        return scope.Gave(x.add(Tokens.ToFeatureMap(_toOut.Forward(attended), x), One).MoveToOuterDisposeScope());
    }

    private static Linear Square(ParameterScope scope, UNet2DConditionConfig config, int level) =>
        new(scope, config.BlockOutChannels[level], config.BlockOutChannels[level]);

    private KeysAndValues Project(Tensor states)
    {
        using var temporaries = NewDisposeScope();
        if (_textNorm is not null) states = _textNorm.Forward(states.transpose(1, 2)).transpose(1, 2);
        return new(Heads(_addKey.Forward(states)).MoveToOuterDisposeScope(), Heads(_addValue.Forward(states)).MoveToOuterDisposeScope());
    }

    // (B, T, C) → (B, heads, T, C / heads)
    private Tensor Heads(Tensor x) => x.unflatten(2, [_channels / _headWidth, _headWidth]).transpose(1, 2);
}

/// <summary>A linear layer over the text's states, (B, T, in) → (B, T, out).</summary>
internal sealed class TextProjection(ParameterScope scope, long inFeatures, long outFeatures)
{
    private readonly Linear _linear = new(scope, inFeatures, outFeatures);

    public Tensor Forward(Tensor states) => scope.Gave(_linear.Forward(states));
}
