using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Imagic.Contracts;

/// <summary>JSON that outlives the program that wrote it says which layout it has.</summary>
public interface IVersioned
{
    int Schema { get; }

    /// <summary>The version that this program reads and writes.</summary>
    static virtual int CurrentSchema => Versioning.Current;

    /// <summary>Checks what JSON alone does not: a number in place of an enum's name gets through it.</summary>
    /// <exception cref="JsonException">A value is none that this program knows.</exception>
    void CheckRead()
    {
    }
}

/// <summary>Reads versioned JSON; a layout that this program does not know is refused by name.</summary>
public static class Versioning
{
    /// <summary>The layout of all that has not had another yet.</summary>
    public const int Current = 1;

    /// <summary>Reads <paramref name="json"/>.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="type">How to read it.</param>
    /// <param name="what">What it is, for the error, such as <c>edits/x/edit.json</c>.</param>
    /// <exception cref="SchemaException">It has another layout.</exception>
    /// <exception cref="JsonException">It is no such JSON.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string what)
        where T : class, IVersioned
    {
        // Looked at first: a newer layout may not fit the type at all.
        var schema = SchemaOf(json);
        if (schema != T.CurrentSchema) throw new SchemaException(what, schema, T.CurrentSchema);
        var value = JsonSerializer.Deserialize(json, type) ?? throw new JsonException($"{what} is null.");
        value.CheckRead();
        return value;
    }

    private static int SchemaOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("It is no JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("schema"u8);
            reader.Read();
            if (found) return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var schema) ? schema : 0;
            reader.Skip();
        }

        throw new JsonException("It has no 'schema'.");
    }
}

/// <summary>Something was written in a layout that this program does not know.</summary>
public sealed class SchemaException(string what, int schema, int known)
    : ImagicException(
        "unknown-schema", FaultKind.Failed,
        $"{what} has schema {schema}; this program knows {known}. Use the version of the program that wrote it.")
{
    /// <summary>The layout found.</summary>
    public int Schema { get; } = schema;
}
