using System.Collections.Immutable;
using System.Text;
using CsvHelper;
using Imagic.Contracts;
using Imagic.Contracts.Settings;

namespace Imagic.Storage.Batches;

/// <summary>
/// Manifests as spreadsheets write them, separated by commas, by semicolons (where the comma is a decimal sign) or by tabs:
/// a header row <c>source,targetText[,model,settings]</c>, then a row for each edit. Settings are JSON. Columns and rows
/// without a word are nothing.
/// </summary>
internal static class CsvManifest
{
    private const string Source = "source";
    private const string TargetText = "targetText";
    private const string Model = "model";
    private const string Settings = "settings";

    private static readonly string[] Columns = [Source, TargetText, Model, Settings];

    /// <summary>The rows that are not empty, each with the line of the file on which it begins.</summary>
    /// <param name="text">The file without its byte order mark.</param>
    /// <param name="start">Bytes of that mark.</param>
    public static ImmutableArray<ManifestLine> Read(string text, int start)
    {
        var malformed = new Dictionary<long, CsvMalformedReason>();
        using var reader = CsvReader.FromText(text, new CsvReaderOptions
        {
            Separator = SeparatorOf(FirstLine(text)),
            TrackLineNumbers = true,
            TrimWhitespace = true,
            OnMalformedRecord = record => malformed.TryAdd(record.LineNumber, record.Reason),
        });
        reader.ReadHeader();
        if (reader.Headers.Count == 0) return [];
        if (CheckHeader(reader.Headers) is { } wrong) return [ManifestLine.Bad(1, "invalid-header", wrong)];
        var lines = ImmutableArray.CreateBuilder<ManifestLine>();
        while (reader.Read())
        {
            var number = (int)reader.LineNumber;
            if (IsBlank(reader) && !malformed.ContainsKey(number)) continue;
            var source = FindSource(reader, start);
            lines.Add(malformed.TryGetValue(number, out var reason)
                ? ManifestLine.Bad(number, "invalid-csv", Describe(reason), source) : ReadRow(reader, number, source));
        }

        return lines.DrainToImmutable();
    }

    private static ManifestLine ReadRow(CsvReader reader, int number, NamedSource? source)
    {
        for (var index = 0; index < reader.FieldCount; index++)
        {
            if (reader.IsEmpty(index) || index < reader.Headers.Count && reader.Headers[index].Trim().Length > 0) continue;
            return ManifestLine.Bad(
                number, "invalid-csv",
                $"Field {index + 1} of the row has no column: the header names {reader.Headers.Count(header => header.Trim().Length > 0)}. "
                + "Put double quotes around texts that hold the separator.",
                source);
        }

        return ManifestLine.Of(number, source, () => new()
        {
            Source = source?.Name,
            TargetText = Field(TargetText),
            Model = Field(Model),
            Settings = Field(Settings) is { } json ? StrictJson.Read<EditOverrides>(Encoding.UTF8.GetBytes(json), Settings) : null,
        });

        string? Field(string column) => IndexOf(reader, column) is { } index ? reader.GetString(index) : null;
    }

    private static NamedSource? FindSource(CsvReader reader, int start)
    {
        if (IndexOf(reader, Source) is not { } index) return null;
        var field = reader.GetRawSpan(index);
        reader.RawRecord.Overlaps(field, out var offset);
        return new(reader.GetString(index), start + (int)reader.ByteOffset + offset, field.Length);
    }

    // Null for a field that is missing or empty.
    private static int? IndexOf(CsvReader reader, string column) =>
        reader.TryGetFieldIndex(column, out var index) && index < reader.FieldCount && !reader.IsEmpty(index) ? index : null;

    private static ReadOnlySpan<char> FirstLine(string text)
    {
        var start = text.AsSpan().TrimStart();
        return start[..(start.IndexOfAny('\r', '\n') is var end and >= 0 ? end : start.Length)];
    }

    private static char SeparatorOf(ReadOnlySpan<char> header) => header.Contains(',') ? ',' : header.Contains('\t') ? '\t' : ';';

    private static bool IsBlank(CsvReader reader)
    {
        for (var index = 0; index < reader.FieldCount; index++)
        {
            if (!reader.IsEmpty(index)) return false;
        }

        return true;
    }

    private static string? CheckHeader(IReadOnlyList<string> headers)
    {
        var names = headers.Select(header => header.Trim()).Where(name => name.Length > 0).ToList();
        var rule = $"The first line has to name the columns: {Source},{TargetText} and, where needed, {Model},{Settings}.";
        if (names.FirstOrDefault(name => !Columns.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            return $"There is no column '{unknown}'. {rule}";
        if (names.Distinct(StringComparer.OrdinalIgnoreCase).Count() < names.Count) return $"A column is named twice. {rule}";
        var missing = new[] { Source, TargetText }.Where(name => !names.Contains(name, StringComparer.OrdinalIgnoreCase)).ToList();
        return missing.Count > 0 ? $"The column '{missing[0]}' is missing. {rule}" : null;
    }

    private static string Describe(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.UnterminatedQuote =>
            "A double quote is never closed, so that everything up to the end of the file belongs to this row. Close it.",
        CsvMalformedReason.TextAfterClosingQuote =>
            "Text follows a closing double quote. Put quotes around the whole field, and write a quote inside it twice.",
        _ => "A double quote stands inside a field without quotes. Put quotes around the whole field, and write a quote inside it twice.",
    };
}
