namespace Imagic.Cli.Batch;

/// <summary>
/// Finds the pictures that a manifest of separated values names. Everything else keeps its place, so that the numbers of
/// the lines stay what they are.
/// </summary>
internal static class CsvSources
{
    private const string Column = "source";

    /// <summary>The text in pieces: the fields of the column <c>source</c>, and what lies between them.</summary>
    public static IEnumerable<ManifestPiece> Find(string text)
    {
        var separator = FirstLine(text).Contains(',') ? ',' : ';';
        var (column, done) = (-1, 0);
        foreach (var (start, end, index, row) in Fields(text, separator))
        {
            var value = Value(text[start..end]);
            if (row == 0)
            {
                if (value.Trim().Equals(Column, StringComparison.OrdinalIgnoreCase)) column = index;
            }
            else if (index == column && value.Length > 0)
            {
                yield return new(text[done..start]);
                yield return new(text[start..end]) { Source = value, Quote = Quoted };
                done = end;
            }
        }

        yield return new(text[done..]);
    }

    /// <summary>All fields of rows that are not blank, the header's first.</summary>
    private static IEnumerable<(int Start, int End, int Index, int Row)> Fields(string text, char separator)
    {
        var (start, index, row) = (0, 0, 0);
        while (true)
        {
            var end = EndOfField(text, start, separator);
            var isSeparated = end < text.Length && text[end] == separator;
            var isBlank = index == 0 && start == end && !isSeparated;
            if (!isBlank) yield return (start, end, index, row);
            if (end == text.Length) yield break;
            if (!isSeparated && !isBlank) row++;
            index = isSeparated ? index + 1 : 0;
            start = end + 1;
        }
    }

    private static int EndOfField(string text, int start, char separator)
    {
        var i = start;
        if (i < text.Length && text[i] == '"')
        {
            // To the closing quote; a quote inside is written twice.
            for (i++; i < text.Length; i++)
            {
                if (text[i] != '"') continue;
                if (i + 1 == text.Length || text[i + 1] != '"') break;
                i++;
            }
        }

        while (i < text.Length && text[i] != separator && text[i] is not ('\r' or '\n')) i++;
        return i;
    }

    private static string Value(string field) => field is ['"', .. var inner, '"'] ? inner.Replace("\"\"", "\"", StringComparison.Ordinal) : field;

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static ReadOnlySpan<char> FirstLine(string text)
    {
        var start = text.AsSpan().TrimStart();
        return start[..(start.IndexOfAny('\r', '\n') is var end and >= 0 ? end : start.Length)];
    }
}
