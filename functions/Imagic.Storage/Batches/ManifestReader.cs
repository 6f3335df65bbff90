using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Imagic.Contracts;
using Imagic.Contracts.Edits;

namespace Imagic.Storage.Batches;

/// <summary>Reads manifests. What cannot be read becomes a rejected line and does not stop the others.</summary>
public static class ManifestReader
{
    /// <summary>Bytes of a manifest: 1000 lines of 4 KiB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Edits of a manifest; more would take the function beyond its time.</summary>
    public const int MaxEdits = 1000;

    /// <summary>A manifest in UTF-8: spreadsheets save "Unicode text" as UTF-16, which its byte order mark tells.</summary>
    public static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> content)
    {
        Encoding? utf16 = content.Span switch
        {
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => null,
        };
        try
        {
            return utf16 is null ? content : Encoding.UTF8.GetBytes(utf16.GetString(content.Span[2..]));
        }
        catch (DecoderFallbackException)
        {
            return content; // no text in UTF-8 either
        }
    }

    /// <summary>The lines of a manifest, without the empty ones. A file that is refused as a whole is one line, number 0.</summary>
    public static ImmutableArray<ManifestLine> Read(ReadOnlyMemory<byte> content, bool isCsv)
    {
        if (content.Length > MaxBytes) return [TooLarge(content.Length)];
        content = ToUtf8(content);
        if (!Utf8.IsValid(content.Span))
            return [ManifestLine.Bad(0, "manifest-undecodable", "The manifest is no UTF-8 text. Save it as UTF-8 and upload it again.")];
        var start = content.Span.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var lines = isCsv ? CsvManifest.Read(Encoding.UTF8.GetString(content.Span[start..]), start) : ReadJsonLines(content, start);
        return lines.Length switch
        {
            0 => [ManifestLine.Bad(0, "manifest-empty", "The manifest has no lines that ask for an edit. Add at least one and upload it again.")],
            > MaxEdits => [ManifestLine.Bad(0, "manifest-too-long", $"The manifest asks for {lines.Length} edits; at most {MaxEdits} are accepted. Split it.")],
            _ => lines,
        };
    }

    /// <summary>What stands in the report of a manifest that is not even read.</summary>
    public static ManifestLine TooLarge(long bytes) =>
        ManifestLine.Bad(0, "manifest-too-large", $"The manifest has {bytes:N0} bytes; at most {MaxBytes:N0} are accepted. Split it.");

    private static ImmutableArray<ManifestLine> ReadJsonLines(ReadOnlyMemory<byte> content, int start)
    {
        var lines = ImmutableArray.CreateBuilder<ManifestLine>();
        for (var number = 1; start <= content.Length; number++)
        {
            var end = content.Span[start..].IndexOf((byte)'\n') is var length and >= 0 ? start + length : content.Length;
            var line = content[start..end];
            if (!string.IsNullOrWhiteSpace(Encoding.UTF8.GetString(line.Span)))
                lines.Add(ManifestLine.Of(number, FindSource(line.Span, start), () => StrictJson.Read<EditRequest>(line.Span, "line")));
            start = end + 1;
        }

        return lines.DrainToImmutable();
    }

    private static NamedSource? FindSource(ReadOnlySpan<byte> line, int start)
    {
        NamedSource? source = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            while (reader.Read())
            {
                if (reader is not { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } || !reader.ValueTextEquals("source"u8)) continue;
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    source = new(reader.GetString()!, start + (int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
            }

            return source;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null; // no JSON, or half a surrogate pair
        }
    }
}
