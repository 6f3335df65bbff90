using System.Text.Json;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Packages;

/// <summary>A <c>model_index.json</c>: the pipeline that a package is for and the classes of its components.</summary>
/// <param name="IsXL">Whether it is of the kind of Stable Diffusion XL: two text encoders, the second with a projection.</param>
/// <param name="ForceZerosForEmptyPrompt">Whether an empty negative text is zeros, not what the encoders make of it.</param>
/// <param name="HasSafetyChecker">Whether it names a safety checker.</param>
internal sealed record ModelIndex(bool IsXL, bool ForceZerosForEmptyPrompt, bool HasSafetyChecker)
{
    public const string FileName = "model_index.json";

    private static readonly string[] Pipelines = ["StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline"];

    private static readonly string[] PipelinesXL = ["StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline"];

    // Folders and the classes that are implemented; the scheduler's is a choice of the run, not of the package.
    private static readonly (string Component, string[] Classes)[] Components =
    [
        ("tokenizer", ["CLIPTokenizer", "CLIPTokenizerFast"]),
        ("text_encoder", ["CLIPTextModel"]),
        ("vae", ["AutoencoderKL"]),
        ("unet", ["UNet2DConditionModel"]),
    ];

    private static readonly (string Component, string[] Classes)[] ComponentsXL =
        [.. Components, ("tokenizer_2", ["CLIPTokenizer", "CLIPTokenizerFast"]), ("text_encoder_2", ["CLIPTextModelWithProjection"])];

    // What the names of models say that were distilled to few steps without guidance: nothing to descend on.
    private static readonly string[] Distilled = ["turbo", "lightning", "hyper-sd", "lcm"];

    /// <exception cref="ModelPackageException">The package is of a kind that is not supported, named with what is.</exception>
    public static ModelIndex Read(string path)
    {
        var index = PackageJson.Read(path, DiffusionJson.Default.DictionaryStringJsonElement);
        var pipeline = index.TryGetValue("_class_name", out var name) ? Text(name) : "absent";
        var isXL = PipelinesXL.Contains(pipeline);
        Refuse(pipeline.Contains("Inpaint", StringComparison.Ordinal), "an inpainting model, whose UNet also reads a mask");
        Refuse(
            isXL && (IsTrue("requires_aesthetics_score") || Class("text_encoder") == "null"),
            "a refiner, which only finishes what a base model began; take the base package");
        Refuse(Distilled.Any(IsNamed), "a model distilled to a few steps (turbo, lightning, lcm), which cannot be tuned to a picture; take the model that it was made of");
        Refuse(
            !isXL && !Pipelines.Contains(pipeline),
            $"_class_name is {pipeline}; supported is {string.Join(" or ", Pipelines.Concat(PipelinesXL))}, the kinds of Stable Diffusion 1.x, 2.x and XL", isKind: false);
        foreach (var (component, classes) in isXL ? ComponentsXL : Components)
            Refuse(!classes.Contains(Class(component)), $"{component} is {Class(component)}; supported is {string.Join(" or ", classes)}", isKind: false);
        var safety = Class(SafetyComponent.Name);
        Refuse(safety is not ("absent" or "null" or SafetyComponent.ClassName), $"{SafetyComponent.Name} is {safety}; supported is {SafetyComponent.ClassName}, or none: [null, null]", isKind: false);
        return new(isXL, IsTrue("force_zeros_for_empty_prompt"), safety == SafetyComponent.ClassName);

        // An entry is [library, class].
        string Class(string component) =>
            !index.TryGetValue(component, out var entry) ? "absent"
            : entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 2 ? Text(entry[1]) : Text(entry);

        bool IsTrue(string key) => index.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.True;

        bool IsNamed(string kind) =>
            new[] { Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!, index.TryGetValue("_name_or_path", out var origin) ? Text(origin) : "" }
                .Any(text => text.Contains(kind, StringComparison.OrdinalIgnoreCase));

        void Refuse(bool isWrong, string what, bool isKind = true)
        {
            if (isWrong) throw new ModelPackageException(path, isKind ? $"it is of {what}. That kind is not supported." : $"{what}.");
        }
    }

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
