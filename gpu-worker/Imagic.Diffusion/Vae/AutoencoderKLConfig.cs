using System.Text.Json.Serialization;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Vae;

/// <summary>
/// <c>vae/config.json</c> of a model package; keys that the file lacks have diffusers' defaults
/// (<c>models/autoencoders/autoencoder_kl.py</c>).
/// </summary>
public sealed record AutoencoderKLConfig
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

    /// <summary>Channels of the picture that is encoded.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>Channels of the picture that is decoded.</summary>
    public int OutChannels { get; init; } = 3;

    /// <summary>Channels of the latents.</summary>
    public int LatentChannels { get; init; } = 4;

    /// <summary>Channels of each resolution level, finest first.</summary>
    public IReadOnlyList<int> BlockOutChannels { get; init; } = [64];

    /// <summary>Resnets of each level of the encoder; the decoder has one more.</summary>
    public int LayersPerBlock { get; init; } = 1;

    /// <summary>Groups of every normalization.</summary>
    public int NormNumGroups { get; init; } = 32;

    /// <summary>What latents are multiplied by, so that the UNet sees about unit variance.</summary>
    public double ScalingFactor { get; init; } = 0.18215;

    /// <summary>Whether the encoder ends in a 1×1 convolution.</summary>
    public bool UseQuantConv { get; init; } = true;

    /// <summary>Whether the decoder starts with a 1×1 convolution.</summary>
    public bool UsePostQuantConv { get; init; } = true;

    /// <summary>Whether the coarsest level attends over its positions.</summary>
    public bool MidBlockAddAttention { get; init; } = true;

    /// <summary>Number of resolution levels.</summary>
    [JsonIgnore]
    public int Levels => BlockOutChannels.Count;

    /// <summary>Reads and validates a configuration file.</summary>
    /// <exception cref="ModelPackageException">Names the file, the key and the value that is not supported.</exception>
    public static AutoencoderKLConfig Read(string path)
    {
        Supported.Check(path);
        var config = PackageJson.Read(path, AutoencoderKLJson.Default.AutoencoderKLConfig);
        config.Validate(path);
        return config;
    }

    /// <summary>Checks that the values fit each other.</summary>
    /// <exception cref="ModelPackageException">Names <paramref name="file"/>, the key and the value.</exception>
    public void Validate(string file)
    {
        if (Levels == 0) throw new ModelPackageException(file, "block_out_channels is empty; a model has at least one level.");
        if (LayersPerBlock < 1)
            throw new ModelPackageException(file, $"layers_per_block is {LayersPerBlock}, expected at least 1.");
        foreach (var channels in BlockOutChannels)
        {
            if (NormNumGroups < 1 || channels < 1 || channels % NormNumGroups != 0)
                throw new ModelPackageException(file, $"block_out_channels has {channels}, no multiple of norm_num_groups, {NormNumGroups}.");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AutoencoderKLConfig))]
internal sealed partial class AutoencoderKLJson : JsonSerializerContext;
