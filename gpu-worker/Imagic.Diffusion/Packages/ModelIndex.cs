using System.Text.Json;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Packages;

/// <summary>A <c>model_index.json</c>: the pipeline that a package is for and the classes of its components.</summary>
internal static class ModelIndex
{
    public const string FileName = "model_index.json";

    private static readonly string[] Pipelines = ["StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline"];

    // Folders and the classes that are implemented; the scheduler's is a choice of the run, not of the package.
    private static readonly (string Component, string[] Classes)[] Components =
    [
        ("tokenizer", ["CLIPTokenizer", "CLIPTokenizerFast"]),
        ("text_encoder", ["CLIPTextModel"]),
        ("vae", ["AutoencoderKL"]),
        ("unet", ["UNet2DConditionModel"]),
    ];

    /// <exception cref="ModelPackageException">The package is of a kind that is not supported, named with what is.</exception>
    public static void Check(string path)
    {
        var index = PackageJson.Read(path, DiffusionJson.Default.DictionaryStringJsonElement);
        var pipeline = index.TryGetValue("_class_name", out var name) ? Text(name) : "absent";
        if (!Pipelines.Contains(pipeline))
        {
            throw new ModelPackageException(
                path,
                $"_class_name is {pipeline}; supported is {string.Join(" or ", Pipelines)}, the kind of Stable Diffusion "
                + "1.x and 2.x.");
        }

        foreach (var (component, classes) in Components)
        {
            var found = index.TryGetValue(component, out var entry) ? ClassOf(entry) : "absent";
            if (classes.Contains(found)) continue;
            throw new ModelPackageException(path, $"{component} is {found}; supported is {string.Join(" or ", classes)}.");
        }
    }

    // An entry is [library, class].
    private static string ClassOf(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 2 ? Text(entry[1]) : Text(entry);

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
