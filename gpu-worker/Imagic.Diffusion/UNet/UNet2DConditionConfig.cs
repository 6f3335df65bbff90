using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.UNet;

/// <summary>A level on the way down.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DownBlockType>))]
public enum DownBlockType
{
    CrossAttnDownBlock2D,

    DownBlock2D,

    /// <summary>Attention to positions and text at once, as in pixel models; resnets change the size.</summary>
    SimpleCrossAttnDownBlock2D,

    /// <summary>The same without attention.</summary>
    ResnetDownsampleBlock2D,
}

/// <summary>A level on the way up.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UpBlockType>))]
public enum UpBlockType
{
    CrossAttnUpBlock2D,

    UpBlock2D,

    SimpleCrossAttnUpBlock2D,

    ResnetUpsampleBlock2D,
}

/// <summary>
/// <c>unet/config.json</c> of a model package; a key that the file may lack has diffusers' default
/// (<c>models/unets/unet_2d_condition.py</c>). Positional, because source-generated JSON keeps the defaults of
/// parameters, but not those of init-only properties.
/// </summary>
/// <param name="BlockOutChannels">Channels of each resolution level, finest first.</param>
/// <param name="DownBlockTypes">Kind of each level on the way down, finest first.</param>
/// <param name="UpBlockTypes">Kind of each level on the way up, coarsest first.</param>
/// <param name="LayersPerBlock">Resnets of a level on the way down; on the way up it has one more.</param>
/// <param name="AttentionHeadDim">The number of heads where <see cref="NumAttentionHeads"/> is not given: in the UNets
/// of Stable Diffusion this key says that, not the width of a head
/// (github.com/huggingface/diffusers/issues/2011).</param>
/// <param name="CrossAttentionDim">Width of the text embedding.</param>
/// <param name="InChannels">Channels of the noisy latents.</param>
/// <param name="OutChannels">Channels of the estimate.</param>
/// <param name="SampleSize">Size h = w of the latents that the model was trained on; no limit.</param>
/// <param name="TransformerLayersPerBlock">Transformer blocks after each resnet of a level with attention.</param>
/// <param name="NumAttentionHeads">The number of heads.</param>
/// <param name="UseLinearProjection">Whether the projections around the transformers are stored as matrices, not as
/// 1×1 convolutions.</param>
/// <param name="UpcastAttention">Whether attention scores are computed in float32 whatever the dtype of the
/// model.</param>
/// <param name="DownsamplePadding">Padding of the downsamplers; 0 pads to the right and at the bottom only.</param>
/// <param name="FlipSinToCos">Whether the timestep's cosines come before its sines.</param>
/// <param name="FreqShift">Taken off the number of frequencies of the timestep's sinusoids.</param>
/// <param name="NormNumGroups">Groups of every group normalization.</param>
/// <param name="NormEps">Epsilon of the group normalizations of the resnets and the output.</param>
/// <param name="AdditionEmbedType"><c>text_time</c> where the pooled state of the text and the picture's size are added to
/// the timestep (SDXL).</param>
/// <param name="AdditionTimeEmbedDim">Sinusoids of each of the six numbers of the size.</param>
/// <param name="ProjectionClassEmbeddingsInputDim">Width of the pooled state and all those sinusoids together.</param>
/// <param name="ActFn">Activation of the resnets and the embeddings.</param>
/// <param name="MidBlockType">Kind of the middle: with transformers, or with attention to positions and text at once.</param>
/// <param name="TimeEmbeddingDim">Width of the embedding of the timestep; four times the finest channels when null.</param>
/// <param name="TimeEmbeddingActFn">What is applied to that embedding before the resnets get it.</param>
/// <param name="ClassEmbedType"><c>timestep</c> where a noise level is embedded as the timestep is (super-resolution).</param>
/// <param name="AdditionEmbedTypeNumHeads">Heads of the pooling of the text's states that <c>text</c> adds to the timestep.</param>
/// <param name="EncoderHidDim">Width of the text's states where a projection brings them to
/// <paramref name="CrossAttentionDim"/>; those come as they are when null.</param>
/// <param name="EncoderHidDimType"><c>text_proj</c>, also where the files of diffusers 0.16 do not say it.</param>
/// <param name="CrossAttentionNorm"><c>group_norm</c> where attention normalizes the text's states.</param>
/// <param name="ResnetTimeScaleShift"><c>scale_shift</c> where the time embedding scales and shifts, not adds.</param>
/// <param name="ResnetSkipTimeAct">Whether the resnets take the time embedding without an activation of theirs.</param>
/// <param name="ResnetOutScaleFactor">What the resnets' sums are divided by.</param>
/// <param name="MidBlockScaleFactor">The same in the middle.</param>
public sealed record UNet2DConditionConfig(
    IReadOnlyList<int> BlockOutChannels,
    IReadOnlyList<DownBlockType> DownBlockTypes,
    IReadOnlyList<UpBlockType> UpBlockTypes,
    PerBlock LayersPerBlock,
    PerBlock AttentionHeadDim,
    [property: JsonConverter(typeof(OneNumberJsonConverter))] int CrossAttentionDim,
    int InChannels = 4,
    int OutChannels = 4,
    [property: JsonConverter(typeof(OneNumberJsonConverter))] int? SampleSize = null,
    PerBlock TransformerLayersPerBlock = default,
    PerBlock? NumAttentionHeads = null,
    bool UseLinearProjection = false,
    bool UpcastAttention = false,
    int DownsamplePadding = 1,
    bool FlipSinToCos = true,
    double FreqShift = 0,
    int NormNumGroups = 32,
    double NormEps = 1e-5,
    string? AdditionEmbedType = null,
    int? AdditionTimeEmbedDim = null,
    int? ProjectionClassEmbeddingsInputDim = null,
    string ActFn = "silu",
    string MidBlockType = "UNetMidBlock2DCrossAttn",
    int? TimeEmbeddingDim = null,
    string? TimeEmbeddingActFn = null,
    string? ClassEmbedType = null,
    int AdditionEmbedTypeNumHeads = 64,
    int? EncoderHidDim = null,
    string? EncoderHidDimType = null,
    string? CrossAttentionNorm = null,
    string ResnetTimeScaleShift = "default",
    bool ResnetSkipTimeAct = false,
    double ResnetOutScaleFactor = 1,
    double MidBlockScaleFactor = 1)
{
    /// <summary>Numbers that say a picture's size: original height and width, crop top and left, target height and width.</summary>
    public const int TimeIds = 6;

    private const string TextTime = "text_time", Text = "text", SimpleMid = "UNetMidBlock2DSimpleCrossAttn";

    // Groups of the normalization of the text's states; no config says them.
    internal const int CrossAttentionNormGroups = 32;

    private static readonly SupportedValues Supported = new(new()
    {
        ["act_fn"] = ["silu", "swish", "gelu"],
        ["down_block_types"] = [.. Enum.GetNames<DownBlockType>()],
        ["mid_block_type"] = ["UNetMidBlock2DCrossAttn", SimpleMid],
        ["up_block_types"] = [.. Enum.GetNames<UpBlockType>()],
        ["conv_in_kernel"] = [3],
        ["conv_out_kernel"] = [3],
        ["dropout"] = [0],
        ["center_input_sample"] = [false],
        ["time_embedding_type"] = ["positional"],
        ["time_embedding_act_fn"] = ["silu", "swish", "gelu"],
        ["timestep_post_act"] = [null],
        ["time_cond_proj_dim"] = [null],
        ["class_embed_type"] = ["timestep"],
        ["num_class_embeds"] = [null],
        ["class_embeddings_concat"] = [false],
        ["addition_embed_type"] = [TextTime, Text],
        ["encoder_hid_dim_type"] = ["text_proj"],
        ["attention_type"] = ["default"],
        ["dual_cross_attention"] = [false],
        ["only_cross_attention"] = [false],
        ["mid_block_only_cross_attention"] = [false, null],
        ["cross_attention_norm"] = ["group_norm"],
        ["reverse_transformer_layers_per_block"] = [null],
        ["resnet_time_scale_shift"] = ["default", "scale_shift"],
    });

    /// <summary>Number of resolution levels.</summary>
    [JsonIgnore]
    public int Levels => BlockOutChannels.Count;

    /// <summary>The number of attention heads of each level, where attention is by transformers.</summary>
    [JsonIgnore]
    public PerBlock Heads => NumAttentionHeads ?? AttentionHeadDim;

    /// <summary>Width of the text's states as they come to the model.</summary>
    [JsonIgnore]
    public int TextDim => EncoderHidDim ?? CrossAttentionDim;

    /// <summary>Whether the text's states, pooled, are added to the timestep.</summary>
    [JsonIgnore]
    public bool AddsText => AdditionEmbedType == Text;

    /// <summary>Whether the middle attends to positions and text at once.</summary>
    [JsonIgnore]
    public bool HasSimpleMid => MidBlockType == SimpleMid;

    /// <summary>Activation of the resnets and the embeddings.</summary>
    [JsonIgnore]
    internal Activation Activation => ActivationOf(ActFn);

    /// <summary>What is applied to the embedding of the timestep before the resnets get it; null when nothing.</summary>
    [JsonIgnore]
    internal Activation? TimeActivation => TimeEmbeddingActFn is { } name ? ActivationOf(name) : null;

    /// <summary>Width of the embedding of the timestep.</summary>
    [JsonIgnore]
    public int TimeEmbedDim => TimeEmbeddingDim ?? 4 * BlockOutChannels[0];

    /// <summary>Whether the model takes a pooled state and time ids beside the states.</summary>
    [JsonIgnore]
    public bool AddsTextAndTime => AdditionEmbedType == TextTime;

    /// <summary>Width of the pooled state that the model takes; null where it takes none.</summary>
    [JsonIgnore]
    public int? PooledDim => AddsTextAndTime ? ProjectionClassEmbeddingsInputDim - (TimeIds * AdditionTimeEmbedDim) : null;

    /// <summary>Reads and validates a configuration file.</summary>
    /// <exception cref="ModelPackageException">Names the file, the key and the value that is not supported.</exception>
    public static UNet2DConditionConfig Read(string path)
    {
        var content = PackageJson.ReadConfig(path, nullsThatSpeak: ["mid_block_type", "norm_num_groups"]);
        Supported.Check(path, content);
        var config = PackageJson.Bind(path, content, DiffusionJson.Default.UNet2DConditionConfig);
        config.Validate(path);
        // As diffusers' Stable Diffusion pipelines have it: the first converted configs say 32 of models for 64.
        return config.SampleSize < 64 && IsBefore09(content) ? config with { SampleSize = 64 } : config;
    }

    /// <summary>Checks that the values fit each other.</summary>
    /// <exception cref="ModelPackageException">Names <paramref name="file"/>, the key and the value.</exception>
    public void Validate(string file)
    {
        Require(Levels is > 0 and <= ConfigLimits.Levels, $"block_out_channels has {Levels} levels, expected 1 to {ConfigLimits.Levels}");
        RequireCount(DownBlockTypes.Count, "down_block_types");
        RequireCount(UpBlockTypes.Count, "up_block_types");
        RequirePerLevel(LayersPerBlock, "layers_per_block", ConfigLimits.LayersPerBlock);
        RequirePerLevel(TransformerLayersPerBlock, "transformer_layers_per_block", ConfigLimits.TransformerLayers);
        RequirePerLevel(Heads, NumAttentionHeads is null ? "attention_head_dim" : "num_attention_heads", ConfigLimits.Width);
        RequireRange(InChannels, "in_channels", ConfigLimits.Width);
        RequireRange(OutChannels, "out_channels", ConfigLimits.Width);
        RequireRange(CrossAttentionDim, "cross_attention_dim", ConfigLimits.Width);
        if (SampleSize is { } side) RequireRange(side, "sample_size", ConfigLimits.SampleSize);
        Require(DownsamplePadding is 0 or 1, $"downsample_padding is {DownsamplePadding}, expected 0 or 1");
        for (var level = 0; level < Levels; level++)
        {
            var channels = BlockOutChannels[level];
            RequireRange(channels, "block_out_channels", ConfigLimits.Width);
            Require(
                NormNumGroups > 0 && channels > 0 && channels % NormNumGroups == 0,
                $"block_out_channels has {channels}, no multiple of norm_num_groups, {NormNumGroups}");
            Require(
                !Attends(level) || channels % Heads[level] == 0,
                $"block_out_channels has {channels}, no multiple of its {Heads[level]} attention heads"); // or of a head's width
        }

        Require(
            BlockOutChannels[0] % 2 == 0,
            $"block_out_channels starts with {BlockOutChannels[0]}, expected an even number: half sines, half cosines");

        if (TimeEmbeddingDim is { } time) RequireRange(time, "time_embedding_dim", ConfigLimits.Width);
        if (EncoderHidDim is { } text) RequireRange(text, "encoder_hid_dim", ConfigLimits.Width);
        Require(
            CrossAttentionNorm is null || CrossAttentionDim % CrossAttentionNormGroups == 0,
            $"cross_attention_dim is {CrossAttentionDim}, no multiple of the {CrossAttentionNormGroups} groups of cross_attention_norm");
        Require(
            !AddsText || (AdditionEmbedTypeNumHeads > 0 && TextDim % AdditionEmbedTypeNumHeads == 0),
            $"the text's states have width {TextDim}, no multiple of addition_embed_type_num_heads, {AdditionEmbedTypeNumHeads}");
        Require(ResnetOutScaleFactor > 0 && MidBlockScaleFactor > 0, "resnet_out_scale_factor and mid_block_scale_factor must be above 0");
        if (AddsTextAndTime)
        {
            RequireRange(AdditionTimeEmbedDim ?? 0, "addition_time_embed_dim", ConfigLimits.Width);
            RequireRange(ProjectionClassEmbeddingsInputDim ?? 0, "projection_class_embeddings_input_dim", ConfigLimits.Width);
            Require(AdditionTimeEmbedDim % 2 == 0, $"addition_time_embed_dim is {AdditionTimeEmbedDim}, expected an even number");
            Require(
                PooledDim > 0,
                $"projection_class_embeddings_input_dim is {ProjectionClassEmbeddingsInputDim}, expected more than {TimeIds} times addition_time_embed_dim, {AdditionTimeEmbedDim}");
        }

        bool Attends(int level) =>
            level == Levels - 1 || DownBlockTypes[level] is DownBlockType.CrossAttnDownBlock2D or DownBlockType.SimpleCrossAttnDownBlock2D
            || UpBlockTypes[Levels - 1 - level] is UpBlockType.CrossAttnUpBlock2D or UpBlockType.SimpleCrossAttnUpBlock2D;

        void RequireCount(int count, string key) => Require(
            count == Levels, $"{key} has {count} entries, expected {Levels}, as many as block_out_channels");

        void RequireRange(int value, string key, int most) => Require(value > 0 && value <= most, $"{key} is {value}, expected 1 to {most}");

        void RequirePerLevel(PerBlock value, string key, int most)
        {
            Require(
                value.Values.Count == 1 || value.Values.Count == Levels,
                $"{key} is {value}, expected one number or {Levels}");
            Require(value.Values.All(v => v > 0 && v <= most), $"{key} is {value}, expected numbers from 1 to {most}");
        }

        void Require(bool holds, string problem)
        {
            if (!holds) throw new ModelPackageException(file, $"{problem}.");
        }
    }

    // The first numbers of a version such as "0.6.0.dev0".
    private static bool IsBefore09(JsonObject content) =>
        content["_diffusers_version"] is JsonValue value && value.TryGetValue(out string? text)
        && text.Split('.') is [var major, var minor, ..]
        && int.TryParse(major, out var first) && int.TryParse(minor, out var second) && (first, second).CompareTo((0, 9)) < 0;

    /// <summary>Declares a resnet that reads the time embedding.</summary>
    internal ResnetBlock2D Resnet(
        ParameterScope scope, int inChannels, int outChannels, Resampling resampling = Resampling.None, double? outScaleFactor = null) => new(
        scope, inChannels, outChannels, NormNumGroups, NormEps, timeChannels: TimeEmbedDim,
        new(Activation, ResnetTimeScaleShift == "scale_shift", outScaleFactor ?? ResnetOutScaleFactor, resampling));

    private static Activation ActivationOf(string name) => name == "gelu" ? Activation.Gelu : Activation.Silu;
}
