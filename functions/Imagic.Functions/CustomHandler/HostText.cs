using System.Text.Json;
using Imagic.Functions.Events;

namespace Imagic.Functions.CustomHandler;

/// <summary>Takes off what the Functions host puts around values.</summary>
internal static class HostText
{
    /// <summary>Text of a message: a nested object or array as it stands; of a string, what is left without the host's second quoting.</summary>
    public static string Payload(JsonElement value) => MessageText.Plain(Unquoted(value));

    /// <summary>A value as text. A string that itself holds a JSON string literal is that literal's text: the host quotes twice.</summary>
    public static string Unquoted(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Null) return "";
        if (value.ValueKind is not JsonValueKind.String) return value.GetRawText();
        var text = value.GetString()!;
        if (!text.AsSpan().Trim().StartsWith('"')) return text;
        try
        {
            using var inner = JsonDocument.Parse(text);
            return inner.RootElement.GetString()!;
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
