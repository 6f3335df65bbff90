using System.Text.Json;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Packages;

/// <summary>Kinds of models.</summary>
public enum ModelFamily
{
    /// <summary>Stable Diffusion 1.x and 2.x: one text encoder, latents.</summary>
    StableDiffusion,

    /// <summary>Stable Diffusion XL: two text encoders, latents.</summary>
    StableDiffusionXL,

    /// <summary>Pixel cascades in the layout of DeepFloyd IF: T5, a small picture, super-resolution.</summary>
    PixelCascade,
}

/// <summary>A <c>model_index.json</c>: the pipeline that a package is for and the classes of its components.</summary>
/// <param name="Family">The kind of model.</param>
/// <param name="ForceZerosForEmptyPrompt">Whether an empty negative text is zeros, not what the encoders make of it.</param>
/// <param name="HasSafetyChecker">Whether it names a safety checker.</param>
internal sealed record ModelIndex(ModelFamily Family, bool ForceZerosForEmptyPrompt, bool HasSafetyChecker)
{
    public const string FileName = "model_index.json";

    private static readonly (string, string[])[] Latent = [("vae", ["AutoencoderKL"]), ("unet", ["UNet2DConditionModel"])];

    private static readonly (string, string[])[] Clip = [("tokenizer", ["CLIPTokenizer", "CLIPTokenizerFast"]), ("text_encoder", ["CLIPTextModel"])];

    private static readonly (string, string[])[] T5 = [("tokenizer", ["T5Tokenizer", "T5TokenizerFast"]), ("text_encoder", ["T5EncoderModel"])];

    // Pipelines, and the folders and classes of their components that are implemented; the scheduler's class is a choice of
    // the run, not of the package.
    private static readonly Kind[] Kinds =
    [
        new(ModelFamily.StableDiffusion, ["StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline"], [.. Clip, .. Latent]),
        new(
            ModelFamily.StableDiffusionXL, ["StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline"],
            [.. Clip, .. Latent, ("tokenizer_2", ["CLIPTokenizer", "CLIPTokenizerFast"]), ("text_encoder_2", ["CLIPTextModelWithProjection"])]),
    ];

    private static readonly Kind StageOne = new(ModelFamily.PixelCascade, ["IFPipeline"], [.. T5, ("unet", ["UNet2DConditionModel"])]);

    private static readonly Kind StageTwo = new(
        ModelFamily.PixelCascade, ["IFSuperResolutionPipeline"], [("unet", ["UNet2DConditionModel"]), ("image_noising_scheduler", ["DDPMScheduler"])]);

    // What the names of models say that were distilled to few steps without guidance: nothing to descend on.
    private static readonly string[] Distilled = ["turbo", "lightning", "hyper-sd", "lcm"];

    /// <summary>Reads the index of a package, or the two of a cascade.</summary>
    /// <exception cref="ModelPackageException">The package is of a kind that is not supported, named with what is.</exception>
    public static ModelIndex Read(string folder)
    {
        var (one, two) = (Path.Combine(folder, ModelPackage.StageOneFolder), Path.Combine(folder, ModelPackage.StageTwoFolder));
        if (!Directory.Exists(one)) return Read(Path.Combine(folder, FileName), Kinds);
        Read(Path.Combine(two, FileName), [StageTwo]);
        return Read(Path.Combine(one, FileName), [StageOne]);
    }

    private static ModelIndex Read(string path, Kind[] kinds)
    {
        var index = PackageJson.Read(path, DiffusionJson.Default.DictionaryStringJsonElement);
        var pipeline = index.TryGetValue("_class_name", out var name) ? Text(name) : "absent";
        var kind = Array.Find(kinds, kind => kind.Pipelines.Contains(pipeline));
        Refuse(pipeline.Contains("Inpaint", StringComparison.Ordinal), "an inpainting model, whose UNet also reads a mask");
        Refuse(
            kind?.Family == ModelFamily.StableDiffusionXL && (IsTrue("requires_aesthetics_score") || Class("text_encoder") == "null"),
            "a refiner, which only finishes what a base model began; take the base package");
        Refuse(Distilled.Any(IsNamed), "a model distilled to a few steps (turbo, lightning, lcm), which cannot be tuned to a picture; take the model that it was made of");
        Refuse(
            kind is null && Array.Exists([StageOne, StageTwo], stage => stage.Pipelines.Contains(pipeline)),
            $"one stage of a cascade; name the folder that holds {ModelPackage.StageOneFolder} and {ModelPackage.StageTwoFolder}");
        if (kind is null)
        {
            throw new ModelPackageException(
                path, $"_class_name is {pipeline}; supported is {string.Join(" or ", kinds.SelectMany(kind => kind.Pipelines))}.");
        }

        foreach (var (component, classes) in kind.Components)
        {
            if (classes.Contains(Class(component))) continue;
            throw new ModelPackageException(path, $"{component} is {Class(component)}; supported is {string.Join(" or ", classes)}.");
        }

        // Cascades have another kind of checker, which is not read.
        var safety = kind.Family == ModelFamily.PixelCascade ? "absent" : Class(SafetyComponent.Name);
        if (safety is not ("absent" or "null" or SafetyComponent.ClassName))
            throw new ModelPackageException(path, $"{SafetyComponent.Name} is {safety}; supported is {SafetyComponent.ClassName}, or none: [null, null].");
        return new(kind.Family, IsTrue("force_zeros_for_empty_prompt"), safety == SafetyComponent.ClassName);

        // An entry is [library, class].
        string Class(string component) =>
            !index.TryGetValue(component, out var entry) ? "absent"
            : entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 2 ? Text(entry[1]) : Text(entry);

        bool IsTrue(string key) => index.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.True;

        bool IsNamed(string kind) =>
            new[] { Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!, index.TryGetValue("_name_or_path", out var origin) ? Text(origin) : "" }
                .Any(text => text.Contains(kind, StringComparison.OrdinalIgnoreCase));

        void Refuse(bool isWrong, string what)
        {
            if (isWrong) throw new ModelPackageException(path, $"it is of {what}. That kind is not supported.");
        }
    }

    private sealed record Kind(ModelFamily Family, string[] Pipelines, (string Component, string[] Classes)[] Components);

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
