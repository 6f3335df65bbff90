using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Imagic.Contracts;

/// <summary>Texts that others send: whole, or told to be none. What cannot be read never becomes U+FFFD on the way.</summary>
public static class Utf8Text
{
    /// <summary>Reads UTF-8.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? text)
    {
        text = Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : null;
        return text is not null;
    }

    /// <summary>Reads percent-encoded UTF-8. A percent sign that begins no such code is meant as it stands.</summary>
    public static bool TryUnescape(string escaped, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!IsWhole(escaped)) return false;
        var bytes = Encoding.UTF8.GetBytes(escaped);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '%' && i + 2 < bytes.Length && byte.TryParse(bytes.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                bytes[length++] = code;
                i += 2;
            }
            else
            {
                bytes[length++] = bytes[i];
            }
        }

        return TryDecode(bytes.AsSpan(0, length), out text);
    }

    /// <summary>The first characters of a text, never ending in the middle of a surrogate pair.</summary>
    public static string Start(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    /// <summary>Whether no half of a surrogate pair is in it, which no encoding can carry.</summary>
    public static bool IsWhole(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var used) != System.Buffers.OperationStatus.Done) return false;
            rest = rest[used..];
        }

        return true;
    }
}
