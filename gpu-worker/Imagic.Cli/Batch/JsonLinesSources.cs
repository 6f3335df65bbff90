using System.Text.Json;
using System.Text.Json.Nodes;

namespace Imagic.Cli.Batch;

/// <summary>Finds the pictures that a manifest in JSON Lines names.</summary>
internal static class JsonLinesSources
{
    /// <summary>The text in pieces, a line or a line's end each.</summary>
    public static IEnumerable<ManifestPiece> Find(string text)
    {
        foreach (var (index, line) in text.Split('\n').Index())
        {
            if (index > 0) yield return new("\n");
            yield return Read(line);
        }
    }

    // A line that cannot be read is passed on: the pipeline says what is wrong with it.
    private static ManifestPiece Read(string line)
    {
        try
        {
            if (JsonNode.Parse(line.TrimEnd('\r')) is JsonObject request && request["source"] is JsonValue value && value.TryGetValue<string>(out var source))
            {
                return new(line)
                {
                    Source = source,
                    Quote = name =>
                    {
                        request["source"] = name;
                        return request.ToJsonString();
                    },
                };
            }
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // Not JSON, or a member twice.
        }

        return new(line);
    }
}
