using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Imagic.Contracts;

/// <summary>Reads JSON that people wrote, strictly: no unknown members, none twice, and refusals that name the member.</summary>
public static class StrictJson
{
    private static readonly JsonSerializerOptions Options = new(ContractsJsonContext.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        MaxDepth = 8,
    };

    /// <summary>Reads a value.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="what">What it is, for the refusal, such as <c>body</c>.</param>
    /// <exception cref="StrictJsonException">It is no JSON, or does not fit the type.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8, string what)
        where T : class
    {
        CheckSyntax(utf8, what);
        try
        {
            return JsonSerializer.Deserialize(utf8, (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T)))
                ?? throw Refusal("invalid-json", $"The {what} is null. Send a JSON object.", what);
        }
        catch (JsonException exception)
        {
            if (exception.Path?.TrimStart('$', '.') is not { Length: > 0 } member)
                throw Refusal("invalid-json", $"The {what} is no JSON object.", what);
            throw IsKnown(member, typeof(T))
                ? Refusal("invalid-member", $"The member '{member}' has a value of the wrong type or size, or is given twice.", member)
                : Refusal("unknown-member", $"There is no member '{member}'. Check its spelling.", member);
        }
    }

    // Apart from what the values mean, so that a refusal can tell the two.
    private static void CheckSyntax(ReadOnlySpan<byte> utf8, string what)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
            var member = what;
            while (reader.Read())
            {
                if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.String)) continue;
                if (TextOf(ref reader) is not { } text)
                    throw Refusal("invalid-text", $"What '{member}' holds is no Unicode text: its bytes are no UTF-8, or it has half of a surrogate pair.", member);
                if (reader.TokenType == JsonTokenType.PropertyName) member = text;
            }
        }
        catch (JsonException exception)
        {
            throw Refusal(
                "invalid-json",
                $"The {what} is no JSON: it breaks off or goes wrong at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.",
                what);
        }
    }

    private static string? TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsKnown(string path, Type type)
    {
        foreach (var segment in path.Split('.', '['))
        {
            if (Options.GetTypeInfo(type) is not { Kind: JsonTypeInfoKind.Object } info) return true;
            var property = info.Properties.FirstOrDefault(property => property.Name == segment);
            if (property is null) return false;
            type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        }

        return true;
    }

    private static StrictJsonException Refusal(string code, string detail, string member) =>
        new(code, detail, member);
}

/// <summary>JSON that somebody wrote cannot be used.</summary>
public sealed class StrictJsonException(string code, string message, string member) : ImagicException(code, FaultKind.BadInput, message)
{
    /// <summary>The member that is wrong, or what the whole is.</summary>
    public string Member { get; } = member;
}
