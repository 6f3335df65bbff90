using System.Text;
using System.Text.Json;

namespace Imagic.Functions.Invocations;

/// <summary>Takes off what the Functions host puts around values.</summary>
internal static class HostText
{
    private const char ByteOrderMark = '\uFEFF';

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Text of a message: a nested object or array as it stands; of a string, what is left without the host's second
    /// quoting and without base64, which a host with another <c>messageEncoding</c> leaves on.
    /// </summary>
    public static string Payload(JsonElement value)
    {
        var text = Unquoted(value).TrimStart(ByteOrderMark);
        return IsJson(text) ? text : TryDecodeBase64(text) ?? text;
    }

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

    // Anything else is left alone: many plain words are valid base64.
    private static string? TryDecodeBase64(string text)
    {
        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, buffer, out var length)) return null;
        try
        {
            var decoded = StrictUtf8.GetString(buffer, 0, length).TrimStart(ByteOrderMark);
            return IsJson(decoded) ? decoded : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsJson(string text) => text.AsSpan().TrimStart() is ['{' or '[', ..];
}
