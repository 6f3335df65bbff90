using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Vae;

/// <summary>
/// Picture to the moments of the latents' distribution, (B, 3, H, W) → (B, 2·latent, H/f, W/f).
/// diffusers <c>models/autoencoders/vae.py</c>, Encoder.
/// </summary>
internal sealed class Encoder
{
    private readonly Conv2d _convIn;
    private readonly List<Func<Tensor, Tensor>> _layers = [];
    private readonly MidBlock _midBlock;
    private readonly GroupNorm _normOut;
    private readonly Conv2d _convOut;

    public Encoder(ParameterScope scope, AutoencoderKLConfig config)
    {
        var channels = config.BlockOutChannels[0];
        _convIn = new(scope["conv_in"], config.InChannels, channels, kernel: 3, padding: 1);
        for (var level = 0; level < config.Levels; level++)
        {
            var block = scope["down_blocks"][level];
            for (var i = 0; i < config.LayersPerBlock; i++)
            {
                var (from, to) = (channels, config.BlockOutChannels[level]);
                var resnet = new ResnetBlock2D(
                    block["resnets"][i], from, to, config.NormNumGroups, AutoencoderKL.NormEps);
                _layers.Add(x => resnet.Forward(x));
                channels = to;
            }

            if (level == config.Levels - 1) break;
            _layers.Add(new Downsample2D(block["downsamplers"][0], channels, padding: 0).Forward);
        }

        _midBlock = new(scope["mid_block"], config);
        _normOut = new(scope["conv_norm_out"], config.NormNumGroups, channels, AutoencoderKL.NormEps);
        _convOut = new(scope["conv_out"], channels, 2 * config.LatentChannels, kernel: 3, padding: 1);
    }

    /// <param name="image">(B, 3, H, W) in [−1, 1].</param>
    public Tensor Forward(Tensor image)
    {
        var x = _convIn.Forward(image);
        foreach (var layer in _layers) x = x.Then(layer);
        return x.Then(_midBlock.Forward).Then(_normOut.Forward).Silu().Then(_convOut.Forward);
    }
}
