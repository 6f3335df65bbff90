using System.Text.Json.Serialization;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Vae;

/// <summary>
/// <c>vae/config.json</c> of a model package; a key that the file may lack has diffusers' default
/// (<c>models/autoencoders/autoencoder_kl.py</c>). Positional, because source-generated JSON keeps the defaults of
/// parameters, but not those of init-only properties.
/// </summary>
/// <param name="BlockOutChannels">Channels of each resolution level, finest first.</param>
/// <param name="InChannels">Channels of the picture that is encoded.</param>
/// <param name="OutChannels">Channels of the picture that is decoded.</param>
/// <param name="LatentChannels">Channels of the latents.</param>
/// <param name="LayersPerBlock">Resnets of each level of the encoder; the decoder has one more.</param>
/// <param name="NormNumGroups">Groups of every normalization.</param>
/// <param name="ScalingFactor">What latents are multiplied by, so that the UNet sees about unit variance.</param>
/// <param name="UseQuantConv">Whether the encoder ends in a 1×1 convolution.</param>
/// <param name="UsePostQuantConv">Whether the decoder starts with a 1×1 convolution.</param>
/// <param name="MidBlockAddAttention">Whether the coarsest level attends over its positions.</param>
public sealed record AutoencoderKLConfig(
    IReadOnlyList<int> BlockOutChannels,
    int InChannels = 3,
    int OutChannels = 3,
    int LatentChannels = 4,
    int LayersPerBlock = 1,
    int NormNumGroups = 32,
    double ScalingFactor = 0.18215,
    bool UseQuantConv = true,
    bool UsePostQuantConv = true,
    bool MidBlockAddAttention = true)
{
    private static readonly SupportedValues Supported = new(new()
    {
        ["act_fn"] = ["silu", "swish"],
        ["down_block_types"] = ["DownEncoderBlock2D"],
        ["up_block_types"] = ["UpDecoderBlock2D"],
        ["shift_factor"] = [null],
        ["latents_mean"] = [null],
        ["latents_std"] = [null],
    });

    /// <summary>Number of resolution levels.</summary>
    [JsonIgnore]
    public int Levels => BlockOutChannels.Count;

    /// <summary>Reads and validates a configuration file.</summary>
    /// <exception cref="ModelPackageException">Names the file, the key and the value that is not supported.</exception>
    public static AutoencoderKLConfig Read(string path)
    {
        var content = PackageJson.ReadConfig(path);
        Supported.Check(path, content);
        var config = PackageJson.Bind(path, content, DiffusionJson.Default.AutoencoderKLConfig);
        config.Validate(path);
        return config;
    }

    /// <summary>Checks that the values fit each other.</summary>
    /// <exception cref="ModelPackageException">Names <paramref name="file"/>, the key and the value.</exception>
    public void Validate(string file)
    {
        Require(Levels is > 0 and <= ConfigLimits.Levels, $"block_out_channels has {Levels} levels, expected 1 to {ConfigLimits.Levels}");
        Require(
            LayersPerBlock is > 0 and <= ConfigLimits.LayersPerBlock,
            $"layers_per_block is {LayersPerBlock}, expected 1 to {ConfigLimits.LayersPerBlock}");
        RequireWidth("in_channels", InChannels);
        RequireWidth("out_channels", OutChannels);
        RequireWidth("latent_channels", LatentChannels);
        foreach (var channels in BlockOutChannels)
        {
            RequireWidth("block_out_channels", channels);
            Require(
                NormNumGroups > 0 && channels > 0 && channels % NormNumGroups == 0,
                $"block_out_channels has {channels}, no multiple of norm_num_groups, {NormNumGroups}");
        }

        void RequireWidth(string key, int width) => Require(
            width is > 0 and <= ConfigLimits.Width, $"{key} has {width}, expected 1 to {ConfigLimits.Width}");

        void Require(bool holds, string problem)
        {
            if (!holds) throw new ModelPackageException(file, $"{problem}.");
        }
    }
}
