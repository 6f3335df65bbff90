using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Imagic.LocalHost.Invocations;

/// <summary>
/// Values as the host puts them into an envelope. It turns anything that is no JSON object into JSON text and sends that
/// text as a string, so strings arrive quoted twice and numbers as strings.
/// https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.Grpc/Http/RpcScriptInvocationContextExtensions.cs
/// </summary>
internal static class WireValue
{
    /// <summary>A string: quoted twice.</summary>
    public static string Text(string value) => Quote(Quote(value));

    /// <summary>A number: its text as a string.</summary>
    public static string Number(long value) => string.Create(CultureInfo.InvariantCulture, $"\"{value}\"");

    /// <summary>A time: cut to seconds, since it goes through its default text form.</summary>
    public static string Time(DateTimeOffset value) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{value:yyyy-MM-ddTHH:mm:sszzz}\"");

    /// <summary>A JSON string, escaped as Newtonsoft.Json does: only what must be.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' or '\u0085' or '\u2028' or '\u2029' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }

    /// <summary>A JSON object as the host writes it again: compact.</summary>
    public static string Compact(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object =>
            $"{{{string.Join(',', element.EnumerateObject().Select(member => $"{Quote(member.Name)}:{Compact(member.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', element.EnumerateArray().Select(Compact))}]",
        JsonValueKind.String => Quote(element.GetString()!),
        JsonValueKind.Number when IsInteger(element) => element.GetRawText(),
        JsonValueKind.Number => WithPoint(element.GetDouble().ToString(CultureInfo.InvariantCulture)),
        _ => element.GetRawText(),
    };

    /// <summary>
    /// A top-level property of a JSON payload, as it gets into the metadata; null when it does not. Simple values become
    /// text first, by .NET's invariant culture: <c>true</c> is <c>True</c> and times lose their ISO form.
    /// </summary>
    public static string? PayloadProperty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Compact(value),
        JsonValueKind.String => Text(AsNewtonsoftReadsIt(value.GetString()!)),
        JsonValueKind.True => Text("True"),
        JsonValueKind.False => Text("False"),
        JsonValueKind.Number when IsInteger(value) => Text(value.GetRawText()),
        JsonValueKind.Number => Text(value.GetDouble().ToString(CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static bool IsInteger(JsonElement number) => number.GetRawText().AsSpan().IndexOfAny(".eE") < 0;

    private static string WithPoint(string number) => number.AsSpan().IndexOfAny(".E") < 0 ? number + ".0" : number;

    // Newtonsoft.Json takes strings that look like ISO 8601 for times.
    private static string AsNewtonsoftReadsIt(string text) =>
        text.Length is >= 19 and <= 40 && char.IsAsciiDigit(text[0]) && text[10] == 'T'
        && DateTime.TryParseExact(
            text, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time)
            ? time.ToString(CultureInfo.InvariantCulture)
            : text;
}
