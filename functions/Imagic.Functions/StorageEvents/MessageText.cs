using Imagic.Contracts;

namespace Imagic.Functions.StorageEvents;

/// <summary>Takes off what may still be around the text of a message when the host hands it over.</summary>
internal static class MessageText
{
    private const char ByteOrderMark = '\uFEFF';

    /// <summary>The text without a byte order mark and without base64, which a host with another <c>messageEncoding</c> leaves on.</summary>
    public static string Plain(BinaryData body)
    {
        // What is no text is no event; base64 can be logged and kept.
        if (!Utf8Text.TryDecode(body, out var text)) return Convert.ToBase64String(body);
        text = text.TrimStart(ByteOrderMark);
        return IsJson(text) ? text : TryDecodeBase64(text) ?? text;
    }

    // Anything else is left alone: many plain words are valid base64.
    private static string? TryDecodeBase64(string text)
    {
        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, buffer, out var length) || !Utf8Text.TryDecode(buffer.AsSpan(0, length), out var decoded)) return null;
        decoded = decoded.TrimStart(ByteOrderMark);
        return IsJson(decoded) ? decoded : null;
    }

    private static bool IsJson(string text) => text.AsSpan().TrimStart() is ['{' or '[', ..];
}
