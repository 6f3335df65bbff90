using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Vae;

/// <summary>
/// The autoencoder between pictures and latents. Parameters are declared under diffusers' state-dict keys
/// (<c>models/autoencoders/autoencoder_kl.py</c>); bind the set before the first use.
/// </summary>
public sealed class AutoencoderKL : IDisposable
{
    /// <summary>Epsilon of every normalization; diffusers writes it in the code, not in the configuration.</summary>
    internal const double NormEps = 1e-6;

    private readonly Encoder _encoder;
    private readonly Decoder _decoder;
    private readonly Conv2d? _quantConv;
    private readonly Conv2d? _postQuantConv;

    /// <summary>Declares the parameters of the model that <paramref name="config"/> describes.</summary>
    /// <param name="config">A validated configuration.</param>
    /// <param name="parameters">Receives the parameters; the model owns it from here.</param>
    public AutoencoderKL(AutoencoderKLConfig config, ParameterSet parameters)
    {
        Config = config;
        Parameters = parameters;
        var (root, latent) = (parameters.Root, config.LatentChannels);
        _encoder = new(root["encoder"], config);
        _decoder = new(root["decoder"], config);
        if (config.UseQuantConv) _quantConv = new(root["quant_conv"], 2 * latent, 2 * latent, kernel: 1);
        if (config.UsePostQuantConv) _postQuantConv = new(root["post_quant_conv"], latent, latent, kernel: 1);
    }

    public AutoencoderKLConfig Config { get; }

    /// <summary>All weights, in diffusers' names.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Pixels per latent along one side.</summary>
    public int Factor => 1 << (Config.Levels - 1);

    /// <summary>Mean and log-variance of the latents of a picture, both (B, latent, H/f, W/f), not scaled.</summary>
    /// <param name="image">(B, 3, H, W) in [−1, 1]; H and W multiples of <see cref="Factor"/>.</param>
    /// <exception cref="ArgumentException">The size is no multiple of <see cref="Factor"/>.</exception>
    public (Tensor Mean, Tensor LogVar) Encode(Tensor image)
    {
        var (height, width) = (image.shape[2], image.shape[3]);
        if (height % Factor != 0 || width % Factor != 0)
        {
            throw new ArgumentException(
                $"The picture is {width}×{height}, expected multiples of {Factor}; resize or crop it.", nameof(image));
        }

        using var temporaries = NewDisposeScope();
        var moments = _encoder.Forward(ChannelsLast(image));
        if (_quantConv is not null) moments = moments.Then(_quantConv.Forward);
        var halves = moments.chunk(2, 1);
        return temporaries.MoveToOuter(halves[0].contiguous(), halves[1].contiguous().clamp(Held(-30), Held(20)));
    }

    /// <summary>The picture of latents, (B, 3, h·f, w·f); about [−1, 1], not clamped.</summary>
    /// <param name="latents">(B, latent, h, w), already divided by the scaling factor.</param>
    public Tensor Decode(Tensor latents)
    {
        using var temporaries = NewDisposeScope();
        var x = ChannelsLast(latents);
        if (_postQuantConv is not null) x = x.Then(_postQuantConv.Forward);
        return x.Then(_decoder.Forward).Then(static image => image.contiguous()).MoveToOuterDisposeScope();
    }

    public void Dispose() => Parameters.Dispose();

    /// <summary>
    /// The same tensor with its channels side by side in memory; every layer keeps that. On the CPU the convolutions
    /// over the autoencoder's large maps are 10 to 20 % faster so, as they need no copy into a layout of their own.
    /// (The UNet's small maps with many channels are not.)
    /// </summary>
    private static Tensor ChannelsLast(Tensor x)
    {
        using var temporaries = NewDisposeScope();
        return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
