using System.Collections.Immutable;
using System.Text;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;

namespace Imagic.Functions.Batches;

/// <summary>Reads manifests. What cannot be read becomes a rejected line and does not stop the others.</summary>
internal static class ManifestReader
{
    /// <summary>Bytes of a manifest: 1000 lines of 4 KiB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Edits of a manifest; more would take the function beyond its time.</summary>
    public const int MaxEdits = 1000;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The lines of a manifest, without the empty ones.</summary>
    public static ImmutableArray<ManifestLine> Read(ReadOnlySpan<byte> content, bool isCsv)
    {
        if (content.Length > MaxBytes) return [TooLarge(content.Length)];
        if (content.StartsWith(Encoding.UTF8.Preamble)) content = content[Encoding.UTF8.Preamble.Length..];
        string text;
        try
        {
            text = StrictUtf8.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return [ManifestLine.Bad(0, "manifest-undecodable", "The manifest is no UTF-8 text. Save it as UTF-8 and upload it again.")];
        }

        var lines = isCsv ? CsvManifest.Read(text) : ReadJsonLines(text);
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

    private static ImmutableArray<ManifestLine> ReadJsonLines(string text) =>
        [.. text.Split('\n').Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).Select(line => ReadJsonLine(line.Index + 1, line.Item))];

    private static ManifestLine ReadJsonLine(int number, string line)
    {
        try
        {
            return ManifestLine.Of(number, RequestJson.Read<EditRequest>(Encoding.UTF8.GetBytes(line), "line"));
        }
        catch (RequestProblemException problem)
        {
            return ManifestLine.Bad(number, problem);
        }
    }
}
