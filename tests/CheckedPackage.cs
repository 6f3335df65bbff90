using System.Text.Json.Nodes;
using Imagic.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Tests;

/// <summary>A tiny package with a safety checker of random weights.</summary>
internal static class CheckedPackage
{
    /// <summary>Side of the pictures that the checker reads.</summary>
    public const int Side = 32;

    public const int Width = 16, Inner = 32, Layers = 2, Patch = 8, Projection = 8, Concepts = 17, Specials = 3;

    /// <summary>Copies a package and gives it a checker.</summary>
    /// <param name="source">Folder of a package without one.</param>
    /// <param name="folder">Of the copy.</param>
    /// <param name="threshold">Cosine from which on a picture is too near: above 1 flags none, below −1 flags all.</param>
    /// <param name="concept">The first concept, (p); random when null.</param>
    /// <param name="conceptThreshold">The first concept's own threshold; that of all when null.</param>
    public static void Create(string source, string folder, float threshold, float[]? concept = null, float? conceptThreshold = null)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }

        WriteJson(Path.Combine(folder, "model_index.json"), Read("model_index.json", index => index["safety_checker"] = new JsonArray("stable_diffusion", "StableDiffusionSafetyChecker")));
        WriteJson(Path.Combine(folder, "safety_checker", "config.json"), Config());
        WriteJson(Path.Combine(folder, "feature_extractor", "preprocessor_config.json"), new() { ["size"] = new JsonObject { ["shortest_edge"] = Side }, ["crop_size"] = Side, ["resample"] = 3, ["do_resize"] = true });
        using var scope = NewDisposeScope();
        var weights = Weights(threshold);
        if (concept is not null) weights["concept_embeds"][0] = tensor(concept);
        if (conceptThreshold is { } own) weights["concept_embeds_weights"][0] = tensor(own);
        SafetensorsWriter.WriteFile(Path.Combine(folder, "safety_checker", "model.safetensors"), [.. weights.Select(weight => (weight.Key, weight.Value))]);

        JsonObject Read(string name, Action<JsonObject> change)
        {
            var content = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, name)))!.AsObject();
            change(content);
            return content;
        }
    }

    /// <summary>Weights under the keys of published checkers.</summary>
    public static Dictionary<string, Tensor> Weights(float threshold)
    {
        const string Vision = "vision_model.vision_model.";
        using var seeded = new Generator(7);
        var weights = new Dictionary<string, Tensor>
        {
            [Vision + "embeddings.class_embedding"] = Random(Width),
            [Vision + "embeddings.patch_embedding.weight"] = Random(Width, 3, Patch, Patch),
            [Vision + "embeddings.position_embedding.weight"] = Random((Side / Patch * (Side / Patch)) + 1, Width),
            [Vision + "embeddings.position_ids"] = zeros(1, (Side / Patch * (Side / Patch)) + 1, dtype: ScalarType.Int64),
            ["visual_projection.weight"] = Random(Projection, Width),
            ["concept_embeds"] = Random(Concepts, Projection),
            ["special_care_embeds"] = Random(Specials, Projection),
            ["concept_embeds_weights"] = tensor(Enumerable.Repeat(threshold, Concepts).ToArray()),
            ["special_care_embeds_weights"] = tensor(Enumerable.Repeat(2f, Specials).ToArray()),
        };
        foreach (var norm in (string[])["pre_layrnorm", "post_layernorm", .. Enumerable.Range(0, Layers).SelectMany(i => new[] { $"encoder.layers.{i}.layer_norm1", $"encoder.layers.{i}.layer_norm2" })])
            (weights[$"{Vision}{norm}.weight"], weights[$"{Vision}{norm}.bias"]) = (Random(Width), Random(Width));
        for (var i = 0; i < Layers; i++)
        {
            foreach (var (name, to, from) in ((string, int, int)[])[("self_attn.q_proj", Width, Width), ("self_attn.k_proj", Width, Width), ("self_attn.v_proj", Width, Width), ("self_attn.out_proj", Width, Width), ("mlp.fc1", Inner, Width), ("mlp.fc2", Width, Inner)])
                (weights[$"{Vision}encoder.layers.{i}.{name}.weight"], weights[$"{Vision}encoder.layers.{i}.{name}.bias"]) = (Random(to, from), Random(to));
        }

        return weights;

        Tensor Random(params long[] shape) => randn(shape, generator: seeded).div(tensor(2f));
    }

    public static JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("StableDiffusionSafetyChecker"),
        ["projection_dim"] = Projection,
        ["vision_config"] = new JsonObject
        {
            ["hidden_size"] = Width,
            ["intermediate_size"] = Inner,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = 2,
            ["image_size"] = Side,
            ["patch_size"] = Patch,
            ["hidden_act"] = "quick_gelu",
        },
    };

    private static void WriteJson(string path, JsonObject content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content.ToJsonString());
    }
}
