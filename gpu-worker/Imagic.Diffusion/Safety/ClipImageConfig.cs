using System.Text.Json;
using System.Text.Json.Nodes;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Safety;

/// <summary>
/// What is read of <c>feature_extractor/preprocessor_config.json</c>: the shorter side is resized, the middle is cut out,
/// each channel is normalized (transformers <c>models/clip/image_processing_clip.py</c>).
/// </summary>
/// <param name="ShortestEdge">Length of the shorter side, in pixels.</param>
/// <param name="Crop">Side of the middle.</param>
/// <param name="Mean">Of each channel, of values from 0 to 1.</param>
/// <param name="Deviation">Standard deviation of each channel.</param>
public sealed record ClipImageConfig(int ShortestEdge, int Crop, float[] Mean, float[] Deviation)
{
    private const int Bicubic = 3; // Pillow's number for it

    private static readonly SupportedValues Supported = new(new()
    {
        ["do_resize"] = [true],
        ["do_center_crop"] = [true],
        ["do_rescale"] = [true],
        ["do_normalize"] = [true],
        ["resample"] = [Bicubic],
    });

    /// <exception cref="ModelPackageException">The file is missing, broken, or asks for what is not supported.</exception>
    internal static ClipImageConfig Read(string path)
    {
        var content = PackageJson.ReadConfig(path);
        Supported.Check(path, content);
        var config = new ClipImageConfig(
            Number("size", "shortest_edge"), Number("crop_size", "height"),
            Channels("image_mean", [0.48145466f, 0.4578275f, 0.40821073f]), Channels("image_std", [0.26862954f, 0.26130258f, 0.27577711f]));
        if (content["crop_size"] is JsonObject crop && !JsonNode.DeepEquals(crop["height"], crop["width"])) throw Wrong("crop_size");
        return config.ShortestEdge is > 0 and <= ConfigLimits.Side && config.Crop > 0 && config.Crop <= config.ShortestEdge ? config : throw Wrong("size");

        // A number, or in newer files an object that says of what.
        int Number(string key, string part) => (content[key] is JsonObject parts ? parts[part] : content[key]) switch
        {
            null when content[key] is null => 224,
            JsonValue value when value.TryGetValue(out int number) => number,
            _ => throw Wrong(key),
        };

        float[] Channels(string key, float[] standard) =>
            content[key] is not { } value ? standard
            : value is JsonArray { Count: 3 } array && array.All(entry => entry?.GetValueKind() == JsonValueKind.Number) ? [.. array.Select(entry => (float)entry!.GetValue<double>())]
            : throw Wrong(key);

        ModelPackageException Wrong(string key) => new(path, $"{key} is {content[key]?.ToJsonString() ?? "absent"}, which is not what a CLIP preprocessor has.");
    }
}
