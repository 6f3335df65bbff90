using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// Transformer blocks over the positions of a feature map, added to it, (B, C, H, W) → same.
/// diffusers <c>models/transformers/transformer_2d.py</c>.
/// </summary>
internal sealed class Transformer2DModel : ILevelAttention
{
    private readonly ParameterScope _scope;
    private readonly GroupNorm _norm;
    private readonly PositionwiseProjection _projectIn;
    private readonly BasicTransformerBlock[] _blocks;
    private readonly PositionwiseProjection _projectOut;

    /// <param name="scope">Where the parameters are declared.</param>
    /// <param name="config">The UNet's configuration.</param>
    /// <param name="level">Resolution level, 0 the finest.</param>
    public Transformer2DModel(ParameterScope scope, UNet2DConditionConfig config, int level)
    {
        _scope = scope;
        var channels = config.BlockOutChannels[level];
        _norm = new(scope["norm"], config.NormNumGroups, channels, eps: 1e-6);
        _projectIn = new(scope["proj_in"], channels, config.UseLinearProjection);
        _blocks =
        [
            .. Enumerable.Range(0, config.TransformerLayersPerBlock[level]).Select(i => new BasicTransformerBlock(
                scope["transformer_blocks"][i], channels, config.CrossAttentionDim, config.Heads[level],
                config.UpcastAttention)),
        ];
        _projectOut = new(scope["proj_out"], channels, config.UseLinearProjection);
    }

    /// <param name="x">(B, C, H, W).</param>
    /// <param name="text">States (B, S, D).</param>
    public Tensor Forward(Tensor x, TextContext text)
    {
        using var temporaries = NewDisposeScope();
        var tokens = _norm.Forward(x).Then(Tokens.FromFeatureMap).Then(_projectIn.Forward);
        foreach (var block in _blocks) tokens = block.Forward(tokens, text);
        return _scope.Gave(
            tokens.Then(_projectOut.Forward).Then(t => x.add(Tokens.ToFeatureMap(t, x), One)).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// A linear layer per position, (B, T, C) → same. SD 1.x stores it as a 1×1 convolution (C, C, 1, 1), SD 2.x as a
    /// matrix (C, C); on tokens the two are the same product, and need the transposition only once.
    /// </summary>
    private sealed class PositionwiseProjection(ParameterScope scope, long channels, bool linear)
    {
        private readonly Tensor _weight = linear
            ? scope.Weight("weight", channels, channels)
            : scope.Weight("weight", channels, channels, 1, 1);

        private readonly Tensor _bias = scope.Zeros("bias", channels);

        public Tensor Forward(Tensor tokens)
        {
            using var matrix = _weight.view(channels, channels);
            return nn.functional.linear(tokens, matrix, _bias);
        }
    }
}

/// <summary>
/// Self-attention, attention to the text and a feed-forward layer, each on normalized tokens and added to them,
/// (B, T, C) → same. diffusers <c>models/attention.py</c>, BasicTransformerBlock.
/// </summary>
internal sealed class BasicTransformerBlock(
    ParameterScope scope, long channels, long contextChannels, long heads, bool upcastAttention)
{
    private readonly LayerNorm _norm1 = new(scope["norm1"], channels);
    private readonly Attention _selfAttention =
        new(scope["attn1"], channels, channels, heads, upcast: upcastAttention);
    private readonly LayerNorm _norm2 = new(scope["norm2"], channels);
    private readonly Attention _crossAttention =
        new(scope["attn2"], channels, contextChannels, heads, upcast: upcastAttention);
    private readonly LayerNorm _norm3 = new(scope["norm3"], channels);
    private readonly FeedForward _feedForward = new(scope["ff"], channels);

    /// <param name="tokens">(B, T, C); released.</param>
    /// <param name="text">States (B, S, contextChannels).</param>
    public Tensor Forward(Tensor tokens, TextContext text)
    {
        tokens = tokens.Then(x => _norm1.Forward(x).Then(_selfAttention.Forward).Plus(x));
        tokens = tokens.Then(x => _norm2.Forward(x).Then(n => _crossAttention.Forward(n, text.For(_crossAttention))).Plus(x));
        return tokens.Then(x => _norm3.Forward(x).Then(_feedForward.Forward).Plus(x));
    }
}

/// <summary>
/// GEGLU feed-forward layer, (B, T, C) → same: W₂·(a · gelu(b)) with (a, b) the halves of W₁·x.
/// diffusers <c>models/attention.py</c>, FeedForward; arXiv 2002.05202.
/// </summary>
internal sealed class FeedForward(ParameterScope scope, long channels)
{
    private readonly Linear _in = new(scope["net"][0]["proj"], channels, 8 * channels);
    private readonly Linear _out = new(scope["net"][2], 4 * channels, channels);

    public Tensor Forward(Tensor x) => _in.Forward(x).Then(Gate).Then(_out.Forward);

    private static Tensor Gate(Tensor x)
    {
        using var temporaries = NewDisposeScope();
        var halves = x.chunk(2, -1);
        return nn.functional.gelu(halves[1]).Times(halves[0]).MoveToOuterDisposeScope();
    }
}
