using System.Text.Json.Nodes;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.SingleFile;

/// <summary>
/// Configs of a package from the shapes in the file, and by the rule of its family what shapes do not say: heads, groups,
/// scheduler (diffusers <c>loaders/single_file_utils.py</c>).
/// </summary>
internal sealed class OriginalConfigs
{
    private const string UNetPrefix = OriginalCheckpoint.UNetPrefix, VaePrefix = OriginalCheckpoint.VaePrefix;

    // Of all published models.
    private const int HeadWidth = 64, HeadsOfV1 = 8, Groups = 32;

    private readonly OriginalCheckpoint _checkpoint;
    private readonly PredictionType _prediction;

    /// <exception cref="ModelPackageException">The blocks are not those of a Stable Diffusion.</exception>
    public OriginalConfigs(OriginalCheckpoint checkpoint, PredictionType prediction)
    {
        (_checkpoint, _prediction) = (checkpoint, prediction);
        var inputs = checkpoint.Count(UNetPrefix + "input_blocks.");
        int[] halvings = [.. Enumerable.Range(0, inputs).Where(i => checkpoint.Has($"{UNetPrefix}input_blocks.{i}.0.op."))];
        Levels = halvings.Length + 1;
        ResnetsPerLevel = (halvings is [var first, ..] ? first : inputs) - 1;
        if (inputs != Levels * (ResnetsPerLevel + 1) || checkpoint.Count(UNetPrefix + "output_blocks.") != inputs)
            throw checkpoint.Fail("the UNet has not as many resnets on each level: it is not one of Stable Diffusion's");
        VaeLevels = checkpoint.Count(VaePrefix + "encoder.down.");
    }

    public int ResnetsPerLevel { get; }

    public int VaeLevels { get; }

    private OriginalFamily Family => _checkpoint.Family;

    private int Levels { get; }

    // In latents: XL was trained at 1024 pixels, 2.x at 768 where it predicts v, the others at 512.
    private int SampleSize => Family == OriginalFamily.XL ? 128 : _prediction == PredictionType.VPrediction && Family == OriginalFamily.V2 ? 96 : 64;

    /// <summary>The layers of a text encoder that the model reads.</summary>
    public int LayersOf(OriginalText text) => Stored(text) - text.LayersLeftOut;

    public JsonObject Index()
    {
        var isXl = Family == OriginalFamily.XL;
        var index = new JsonObject
        {
            ["_class_name"] = isXl ? "StableDiffusionXLPipeline" : "StableDiffusionPipeline",
            ["feature_extractor"] = new JsonArray(null, null),
            ["image_encoder"] = new JsonArray(null, null),
            ["scheduler"] = new JsonArray("diffusers", SchedulerClass),
            ["unet"] = new JsonArray("diffusers", "UNet2DConditionModel"),
            ["vae"] = new JsonArray("diffusers", "AutoencoderKL"),
        };
        foreach (var text in Family.Texts)
        {
            index[text.Component] = new JsonArray("transformers", ClassOf(text));
            index[text.Tokenizer] = new JsonArray("transformers", "CLIPTokenizer");
        }

        if (isXl) index["force_zeros_for_empty_prompt"] = true;
        else (index["safety_checker"], index["requires_safety_checker"]) = (new JsonArray(null, null), false);
        return index;
    }

    public JsonObject UNet()
    {
        const string Prefix = UNetPrefix;
        var levels = Enumerable.Range(0, Levels).Select(level => 1 + (level * (ResnetsPerLevel + 1))).ToList(); // the first input block of each
        int[] channels = [.. levels.Select(block => _checkpoint.Size($"{Prefix}input_blocks.{block}.0.out_layers.3.weight", 0))];
        int[] depths = [.. levels.Select(block => _checkpoint.Count($"{Prefix}input_blocks.{block}.1.transformer_blocks."))];
        var middle = _checkpoint.Count($"{Prefix}middle_block.1.transformer_blocks.");
        var isV1 = Family == OriginalFamily.V1;
        var crossAttention = _checkpoint.Entries.FirstOrDefault(entry =>
            entry.Name.StartsWith(Prefix, StringComparison.Ordinal) && entry.Name.EndsWith(".attn2.to_k.weight", StringComparison.Ordinal));
        var config = new JsonObject
        {
            ["_class_name"] = "UNet2DConditionModel",
            ["act_fn"] = "silu",
            // diffusers' name for the number of heads
            ["attention_head_dim"] = isV1 ? HeadsOfV1 : Array([.. channels.Select(width => Math.Max(1, width / HeadWidth))]),
            ["block_out_channels"] = Array(channels),
            ["cross_attention_dim"] = crossAttention is null ? throw _checkpoint.Fail("the UNet does not attend to a text") : _checkpoint.Size(crossAttention.Name, 1),
            ["down_block_types"] = Names(depths.Select(depth => depth > 0 ? "CrossAttnDownBlock2D" : "DownBlock2D")),
            ["up_block_types"] = Names(depths.Reverse().Select(depth => depth > 0 ? "CrossAttnUpBlock2D" : "UpBlock2D")),
            ["in_channels"] = _checkpoint.Size(Prefix + "input_blocks.0.0.weight", 1),
            ["out_channels"] = _checkpoint.Size(Prefix + "out.2.weight", 0),
            ["layers_per_block"] = ResnetsPerLevel,
            ["norm_num_groups"] = GroupsOf(channels),
            ["sample_size"] = SampleSize,
            // A level without attention has a number as well; the last one's is the middle's.
            ["transformer_layers_per_block"] = Array([.. depths.Select((depth, level) => depth > 0 ? depth : level == Levels - 1 ? middle : 1)]),
            ["upcast_attention"] = Family == OriginalFamily.V2 && _prediction == PredictionType.VPrediction,
            ["use_linear_projection"] = !_checkpoint.Entries.Any(entry =>
                entry.Name.StartsWith(Prefix, StringComparison.Ordinal) && entry.Name.EndsWith(".proj_in.weight", StringComparison.Ordinal) && entry.Shape.Length == 4),
        };
        if (Family != OriginalFamily.XL) return config;
        const int TimeIds = 6;
        var added = _checkpoint.Size(Prefix + "label_emb.0.0.weight", 1);
        config["addition_embed_type"] = "text_time";
        config["addition_time_embed_dim"] = (added - ProjectionOf(Family.Texts[^1])) / TimeIds;
        config["projection_class_embeddings_input_dim"] = added;
        return config;
    }

    public JsonObject Vae()
    {
        int[] channels = [.. Enumerable.Range(0, VaeLevels).Select(level => _checkpoint.Size($"{VaePrefix}encoder.down.{level}.block.0.conv2.weight", 0))];
        return new()
        {
            ["_class_name"] = "AutoencoderKL",
            ["act_fn"] = "silu",
            ["block_out_channels"] = Array(channels),
            ["down_block_types"] = Names(channels.Select(_ => "DownEncoderBlock2D")),
            ["up_block_types"] = Names(channels.Select(_ => "UpDecoderBlock2D")),
            ["force_upcast"] = true,
            ["in_channels"] = _checkpoint.Size(VaePrefix + "encoder.conv_in.weight", 1),
            ["out_channels"] = _checkpoint.Size(VaePrefix + "decoder.conv_out.weight", 0),
            ["latent_channels"] = _checkpoint.Size(VaePrefix + "post_quant_conv.weight", 0),
            ["layers_per_block"] = _checkpoint.Count(VaePrefix + "encoder.down.0.block."),
            ["norm_num_groups"] = GroupsOf(channels),
            ["sample_size"] = SampleSize << (VaeLevels - 1),
            ["scaling_factor"] = Family.VaeScale,
        };
    }

    public JsonObject Text(OriginalText text)
    {
        var (words, positions, up) = text.IsOpenClip
            ? ("token_embedding.weight", "positional_embedding", "transformer.resblocks.0.mlp.c_fc.weight")
            : (InClip("embeddings.token_embedding.weight"), InClip("embeddings.position_embedding.weight"), InClip("encoder.layers.0.mlp.fc1.weight"));
        var width = _checkpoint.Size(text.Prefix + words, 1);
        return new()
        {
            ["architectures"] = Names([ClassOf(text)]),
            ["model_type"] = "clip_text_model",
            ["vocab_size"] = _checkpoint.Size(text.Prefix + words, 0),
            ["hidden_size"] = width,
            ["intermediate_size"] = _checkpoint.Size(text.Prefix + up, 0),
            ["num_attention_heads"] = Math.Max(1, width / HeadWidth),
            ["num_hidden_layers"] = LayersOf(text),
            ["max_position_embeddings"] = _checkpoint.Size(text.Prefix + positions, 0),
            ["hidden_act"] = text.IsOpenClip ? "gelu" : "quick_gelu",
            ["layer_norm_eps"] = 1e-5,
            ["projection_dim"] = text.IsProjected ? ProjectionOf(text) : width,
            // As the published files have it: 2 means that the text ends at its highest id.
            ["bos_token_id"] = 0,
            ["eos_token_id"] = 2,
            ["pad_token_id"] = 1,
        };

        string InClip(string key) => _checkpoint.Has($"{text.Prefix}text_model.") ? $"text_model.{key}" : key;
    }

    public static JsonObject Tokenizer(OriginalText text, int length) => new()
    {
        ["tokenizer_class"] = "CLIPTokenizer",
        ["bos_token"] = "<|startoftext|>",
        ["eos_token"] = "<|endoftext|>",
        ["unk_token"] = "<|endoftext|>",
        // OpenCLIP pads with id 0, which is this one.
        ["pad_token"] = text.IsOpenClip ? "!" : "<|endoftext|>",
        ["model_max_length"] = length,
        ["add_prefix_space"] = false,
        ["do_lower_case"] = true,
        ["errors"] = "replace",
    };

    public JsonObject Scheduler() => new()
    {
        ["_class_name"] = SchedulerClass,
        ["beta_start"] = 0.00085,
        ["beta_end"] = 0.012,
        ["beta_schedule"] = "scaled_linear",
        ["clip_sample"] = false,
        ["num_train_timesteps"] = 1000,
        ["prediction_type"] = _prediction == PredictionType.VPrediction ? "v_prediction" : "epsilon",
        ["set_alpha_to_one"] = false,
        ["skip_prk_steps"] = true,
        ["steps_offset"] = 1,
        ["timestep_spacing"] = "leading",
        ["trained_betas"] = null,
    };

    private string SchedulerClass =>
        Family == OriginalFamily.XL ? "EulerDiscreteScheduler" : Family == OriginalFamily.V2 ? "DDIMScheduler" : "PNDMScheduler";

    private static string ClassOf(OriginalText text) => text.IsProjected ? "CLIPTextModelWithProjection" : "CLIPTextModel";

    private int Stored(OriginalText text) => _checkpoint.Count(
        text.IsOpenClip ? $"{text.Prefix}transformer.resblocks."
        : _checkpoint.Has($"{text.Prefix}text_model.") ? $"{text.Prefix}text_model.encoder.layers." : $"{text.Prefix}encoder.layers.");

    // Both forms of it are square in all published models, but the one is (in, out) and the other (out, in).
    private int ProjectionOf(OriginalText text) => _checkpoint.Has($"{text.Prefix}text_projection.weight")
        ? _checkpoint.Size($"{text.Prefix}text_projection.weight", 0)
        : _checkpoint.Size($"{text.Prefix}text_projection", 1);

    // Widths of published models are multiples of 32; of a smaller one's, the power of two that divides them.
    private static int GroupsOf(int[] channels) => channels.Aggregate(Groups, (groups, width) => Math.Min(groups, width & -width));

    private static JsonArray Array(int[] values) => new([.. values.Select(value => (JsonNode)value)]);

    private static JsonArray Names(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);
}
