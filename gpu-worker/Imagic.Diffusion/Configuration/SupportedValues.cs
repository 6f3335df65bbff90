using System.Text.Json.Nodes;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Configuration;

/// <summary>
/// The values that are implemented of keys that choose between variants of a model. A key that the file lacks or that
/// is not listed is not looked at; of a list each element is.
/// </summary>
internal sealed class SupportedValues(Dictionary<string, JsonNode?[]> values)
{
    /// <exception cref="ModelPackageException">Names the file, the key, its value and what it may be.</exception>
    public void Check(string path, JsonObject content)
    {
        foreach (var (key, found) in content)
        {
            if (!values.TryGetValue(key, out var supported)) continue;
            var chosen = found is JsonArray list ? [.. list] : new[] { found };
            if (chosen.All(value => supported.Any(s => JsonNode.DeepEquals(s, value)))) continue;
            var choices = string.Join(" or ", supported.Select(Text));
            throw new ModelPackageException(path, $"{key} is {Text(found)}; supported is {choices}.");
        }
    }

    private static string Text(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue text when text.TryGetValue(out string? content) => $"\"{content}\"",
        _ => value.ToJsonString(),
    };
}
