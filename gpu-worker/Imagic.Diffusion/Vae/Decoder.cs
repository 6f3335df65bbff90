using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Vae;

/// <summary>
/// Latents to a picture, (B, latent, h, w) → (B, 3, h·f, w·f). diffusers <c>models/autoencoders/vae.py</c>, Decoder.
/// </summary>
internal sealed class Decoder
{
    private readonly Conv2d _convIn;
    private readonly MidBlock _midBlock;
    private readonly List<Func<Tensor, Tensor>> _layers = [];
    private readonly GroupNorm _normOut;
    private readonly Conv2d _convOut;

    public Decoder(ParameterScope scope, AutoencoderKLConfig config)
    {
        var channels = config.BlockOutChannels[^1];
        _convIn = new(scope["conv_in"], config.LatentChannels, channels, kernel: 3, padding: 1);
        _midBlock = new(scope["mid_block"], config);
        for (var index = 0; index < config.Levels; index++)
        {
            var level = config.Levels - 1 - index;
            var block = scope["up_blocks"][index];
            for (var i = 0; i <= config.LayersPerBlock; i++)
            {
                var (from, to) = (channels, config.BlockOutChannels[level]);
                var resnet = new ResnetBlock2D(
                    block["resnets"][i], from, to, config.NormNumGroups, AutoencoderKL.NormEps);
                _layers.Add(x => resnet.Forward(x));
                channels = to;
            }

            if (level == 0) continue;
            var upsampler = new Upsample2D(block["upsamplers"][0], channels);
            _layers.Add(x => upsampler.Forward(x, 2 * x.shape[2], 2 * x.shape[3]));
        }

        _normOut = new(scope["conv_norm_out"], config.NormNumGroups, channels, AutoencoderKL.NormEps);
        _convOut = new(scope["conv_out"], channels, config.OutChannels, kernel: 3, padding: 1);
    }

    /// <param name="latents">(B, latent, h, w).</param>
    public Tensor Forward(Tensor latents)
    {
        var x = _convIn.Forward(latents).Then(_midBlock.Forward);
        foreach (var layer in _layers) x = x.Then(layer);
        return x.Then(_normOut.Forward).Silu().Then(_convOut.Forward);
    }
}
