using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Vae;

/// <summary>
/// One-headed self-attention over the positions of a feature map, added to it, (B, C, H, W) → same.
/// diffusers <c>models/attention_processor.py</c>, Attention with a residual connection.
/// </summary>
internal sealed class AttentionBlock(ParameterScope scope, AutoencoderKLConfig config)
{
    private readonly GroupNorm _norm =
        new(scope["group_norm"], config.NormNumGroups, config.BlockOutChannels[^1], AutoencoderKL.NormEps);
    private readonly Attention _attention =
        new(scope, config.BlockOutChannels[^1], config.BlockOutChannels[^1], heads: 1, bias: true);

    public Tensor Forward(Tensor x)
    {
        using var temporaries = NewDisposeScope();
        return _norm.Forward(x).Then(Tokens.FromFeatureMap).Then(_attention.Forward)
            .Then(t => x.add(Tokens.ToFeatureMap(t, x))).MoveToOuterDisposeScope();
    }
}
