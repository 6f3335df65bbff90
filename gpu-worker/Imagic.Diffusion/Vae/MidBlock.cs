using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Vae;

/// <summary>
/// Resnet, attention, resnet on the coarsest level of encoder and decoder, (B, C, h, w) → same.
/// diffusers <c>models/unets/unet_2d_blocks.py</c>, UNetMidBlock2D.
/// </summary>
internal sealed class MidBlock(ParameterScope scope, AutoencoderKLConfig config)
{
    private readonly ResnetBlock2D _resnet1 = Resnet(scope["resnets"][0], config);
    private readonly AttentionBlock? _attention =
        config.MidBlockAddAttention ? new(scope["attentions"][0], config) : null;
    private readonly ResnetBlock2D _resnet2 = Resnet(scope["resnets"][1], config);

    /// <param name="x">(B, C, h, w).</param>
    public Tensor Forward(Tensor x)
    {
        x = _resnet1.Forward(x);
        if (_attention is not null) x = x.Then(_attention.Forward);
        return x.Then(x => _resnet2.Forward(x));
    }

    private static ResnetBlock2D Resnet(ParameterScope scope, AutoencoderKLConfig config)
    {
        var channels = config.BlockOutChannels[^1];
        return new(scope, channels, channels, config.NormNumGroups, AutoencoderKL.NormEps);
    }
}

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
            .Then(t => x.add(Tokens.ToFeatureMap(t, x), One)).MoveToOuterDisposeScope();
    }
}
