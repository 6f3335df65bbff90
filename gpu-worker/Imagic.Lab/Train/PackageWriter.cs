using System.Text.Json;
using System.Text.Json.Nodes;
using Imagic.Diffusion;
using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <summary>Writes the parts of a model package in the diffusers layout, weights as float16, as they become ready.</summary>
public sealed class PackageWriter(string folder)
{
    private const string DiffusersVersion = "0.31.0"; // whose files these are
    private const string DiffusersWeights = "diffusion_pytorch_model.safetensors", TransformersWeights = "model.safetensors";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public string Folder => folder;

    public string TokenizerFolder => Path.Combine(folder, "tokenizer");

    public void WriteVae(AutoencoderKL vae, double scalingFactor)
    {
        ArgumentNullException.ThrowIfNull(vae);
        var config = vae.Config with { ScalingFactor = scalingFactor };
        var json = Describe("AutoencoderKL", JsonSerializer.SerializeToNode(config, DiffusionJson.Default.AutoencoderKLConfig));
        json["act_fn"] = "silu";
        json["down_block_types"] = Repeat("DownEncoderBlock2D", config.Levels);
        json["up_block_types"] = Repeat("UpDecoderBlock2D", config.Levels);
        Write("vae", DiffusersWeights, json, vae.Parameters);
    }

    public void WriteUNet(UNet2DConditionModel unet)
    {
        ArgumentNullException.ThrowIfNull(unet);
        var json = Describe("UNet2DConditionModel", JsonSerializer.SerializeToNode(unet.Config, DiffusionJson.Default.UNet2DConditionConfig));
        json["act_fn"] = "silu";
        json["mid_block_type"] = "UNetMidBlock2DCrossAttn";
        Write("unet", DiffusersWeights, json, unet.Parameters);
    }

    public void WriteTextEncoder(ClipTextModel text, ClipTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var json = (JsonObject)JsonSerializer.SerializeToNode(text.Config, DiffusionJson.Default.ClipTextConfig)!;
        json["architectures"] = new JsonArray("CLIPTextModel");
        json["model_type"] = "clip_text_model";
        json["torch_dtype"] = "float16";
        json["bos_token_id"] = tokenizer.HighestId - 1;
        json["eos_token_id"] = tokenizer.HighestId;
        json["pad_token_id"] = tokenizer.HighestId;
        Write("text_encoder", TransformersWeights, json, text.Parameters);
    }

    /// <summary>Writes the noise schedule, and the index that makes the folder a package.</summary>
    public void WriteIndex(JsonElement scheduler)
    {
        WriteJson(Path.Combine("scheduler", "scheduler_config.json"), Describe("DDIMScheduler", JsonNode.Parse(scheduler.GetRawText())));
        WriteJson(ModelIndex.FileName, Describe("StableDiffusionPipeline", new JsonObject
        {
            ["feature_extractor"] = Component(null, null),
            ["requires_safety_checker"] = false,
            ["safety_checker"] = Component(null, null),
            ["scheduler"] = Component("diffusers", "DDIMScheduler"),
            ["text_encoder"] = Component("transformers", "CLIPTextModel"),
            ["tokenizer"] = Component("transformers", "CLIPTokenizer"),
            ["unet"] = Component("diffusers", "UNet2DConditionModel"),
            ["vae"] = Component("diffusers", "AutoencoderKL"),
        }));
    }

    /// <summary>Writes parameters as float16 under their state-dict keys.</summary>
    public static void WriteWeights(string path, ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        SafetensorsWriter.WriteFile(
            path,
            [.. parameters.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal)
                .Select(parameter => (parameter.Name, parameter.Value.detach().to(ScalarType.Float16).cpu()))],
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    private void Write(string component, string weights, JsonObject config, ParameterSet parameters)
    {
        WriteJson(Path.Combine(component, "config.json"), config);
        WriteWeights(Path.Combine(folder, component, weights), parameters);
    }

    private void WriteJson(string name, JsonObject content)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content.ToJsonString(Indented) + "\n");
    }

    private static JsonObject Describe(string className, JsonNode? content)
    {
        var json = new JsonObject { ["_class_name"] = className, ["_diffusers_version"] = DiffusersVersion };
        foreach (var (key, value) in (JsonObject)content!)
            json[key] = value?.DeepClone();
        return json;
    }

    private static JsonArray Component(string? library, string? type) => new(JsonValue.Create(library), JsonValue.Create(type));

    private static JsonArray Repeat(string value, int count) => new([.. Enumerable.Repeat(value, count).Select(text => JsonValue.Create(text))]);
}
