using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

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
