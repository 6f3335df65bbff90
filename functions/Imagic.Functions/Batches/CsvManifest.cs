using System.Collections.Immutable;
using System.Text;
using CsvHelper;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;

namespace Imagic.Functions.Batches;

/// <summary>
/// Manifests as comma-separated values, or semicolon-separated as spreadsheets write them where the comma is a decimal
/// sign: a header row <c>source,targetText[,model,settings]</c>, then a row for each edit. Settings are JSON.
/// </summary>
internal static class CsvManifest
{
    private const string Source = "source";
    private const string TargetText = "targetText";
    private const string Model = "model";
    private const string Settings = "settings";

    private static readonly string[] Columns = [Source, TargetText, Model, Settings];

    /// <summary>The rows that are not empty, each with the line of the file on which it begins.</summary>
    public static ImmutableArray<ManifestLine> Read(string text)
    {
        var malformed = new Dictionary<long, CsvMalformedReason>();
        using var reader = CsvReader.FromText(text, new CsvReaderOptions
        {
            Separator = FirstLine(text).Contains(',') ? ',' : ';',
            TrackLineNumbers = true,
            OnMalformedRecord = record => malformed.TryAdd(record.LineNumber, record.Reason),
        });
        reader.ReadHeader();
        if (reader.Headers.Count == 0) return [];
        if (CheckHeader(reader.Headers) is { } wrong) return [ManifestLine.Bad(1, "invalid-header", wrong)];
        var lines = ImmutableArray.CreateBuilder<ManifestLine>();
        while (reader.Read())
        {
            var number = (int)reader.LineNumber;
            lines.Add(malformed.TryGetValue(number, out var reason) ? ManifestLine.Bad(number, "invalid-csv", Describe(reason)) : ReadRow(reader, number));
        }

        return lines.DrainToImmutable();
    }

    private static ManifestLine ReadRow(CsvReader reader, int number)
    {
        if (reader.FieldCount > reader.Headers.Count)
        {
            return ManifestLine.Bad(
                number, "invalid-csv",
                $"The row has {reader.FieldCount} fields and the header {reader.Headers.Count}. Put double quotes around texts that hold the separator.");
        }

        try
        {
            return ManifestLine.Of(number, new EditRequest
            {
                Source = Field(Source),
                TargetText = Field(TargetText),
                Model = Field(Model),
                Settings = Field(Settings) is { } json
                    ? RequestJson.Read<EditOverrides>(Encoding.UTF8.GetBytes(json), Settings) : null,
            });
        }
        catch (RequestProblemException problem)
        {
            return ManifestLine.Bad(number, problem);
        }

        string? Field(string column) =>
            reader.TryGetFieldIndex(column, out var index) && index < reader.FieldCount && reader.GetString(index) is { Length: > 0 } value ? value : null;
    }

    private static ReadOnlySpan<char> FirstLine(string text)
    {
        var start = text.AsSpan().TrimStart();
        return start[..(start.IndexOfAny('\r', '\n') is var end and >= 0 ? end : start.Length)];
    }

    private static string? CheckHeader(IReadOnlyList<string> headers)
    {
        var names = headers.Select(header => header.Trim()).ToList();
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
