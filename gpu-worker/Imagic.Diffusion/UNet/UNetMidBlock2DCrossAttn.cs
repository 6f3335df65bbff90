using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// Resnet, attention, resnet on the coarsest level. diffusers <c>models/unets/unet_2d_blocks.py</c>.
/// </summary>
internal sealed class UNetMidBlock2DCrossAttn(ParameterScope scope, UNet2DConditionConfig config)
{
    private readonly ResnetBlock2D _resnet1 =
        config.Resnet(scope["resnets"][0], config.BlockOutChannels[^1], config.BlockOutChannels[^1]);
    private readonly Transformer2DModel _attention = new(scope["attentions"][0], config, config.Levels - 1);
    private readonly ResnetBlock2D _resnet2 =
        config.Resnet(scope["resnets"][1], config.BlockOutChannels[^1], config.BlockOutChannels[^1]);

    /// <param name="hidden">(B, C, H, W).</param>
    /// <param name="time">(B, 4·C₀).</param>
    /// <param name="text">States (B, S, D).</param>
    public Tensor Forward(Tensor hidden, Tensor time, TextContext text) =>
        _resnet1.Forward(hidden, time)
            .Then(x => _attention.Forward(x, text))
            .Then(x => _resnet2.Forward(x, time));
}
