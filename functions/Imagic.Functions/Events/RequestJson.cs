using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Events;

/// <summary>JSON that people wrote, and what to tell them when it cannot be read.</summary>
internal static class RequestJson
{
    /// <summary>Reads JSON.</summary>
    /// <param name="utf8">UTF-8, with or without byte-order mark.</param>
    /// <param name="type">How to read it.</param>
    /// <param name="what">What it is, such as <c>The line</c>; the problem's sentence begins with it.</param>
    /// <exception cref="RequestProblemException">It is no such JSON.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> type, string what)
        where T : class
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble)) utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        try
        {
            return JsonSerializer.Deserialize(utf8, type) ?? throw Problem("invalid-json", $"{what} is 'null'; write a JSON object.");
        }
        catch (JsonException exception)
        {
            throw Describe(exception, what);
        }
    }

    private static RequestProblemException Describe(JsonException exception, string what)
    {
        // The reader's own exception inside means that the text is no JSON at all; its path and words are of no use to people.
        if (exception.InnerException is JsonException || exception.Path is not ['$', '.', .. var member])
        {
            var where = exception is { LineNumber: { } line, BytePositionInLine: { } position }
                ? $" (line {line + 1}, byte {position + 1})" : "";
            return exception.InnerException is JsonException
                ? Problem("invalid-json", $"{what} is no valid JSON{where}.")
                : Problem("invalid-json", $"{what} is no JSON object.");
        }

        return exception.Message.Contains("could not be mapped", StringComparison.Ordinal)
            ? Problem("unknown-member", $"{what} has a member '{member}' that is not known. Check its spelling and where it stands.", member)
            : Problem("invalid-member", $"{what} has a value for '{member}' that cannot be used: it is of another kind, or out of range.", member);
    }

    private static RequestProblemException Problem(string code, string detail, string? member = null) =>
        new(code, StatusCodes.Status400BadRequest, detail, member);
}
