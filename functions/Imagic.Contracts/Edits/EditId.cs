using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Contracts.Edits;

/// <summary>
/// Name of an edit: 3 to 64 lower-case letters, digits and inner hyphens. It is a folder in storage and a segment of
/// URLs, so nothing else gets in.
/// </summary>
[JsonConverter(typeof(EditIdJsonConverter))]
public readonly record struct EditId
{
    /// <summary>What <see cref="TryParse"/> takes, in words.</summary>
    public const string Rule = "3 to 64 lower-case letters, digits and hyphens, with a letter or digit at both ends";

    private readonly string? _value;

    private EditId(string value) => _value = value;

    /// <summary>The id as text.</summary>
    public string Value => _value ?? throw new InvalidOperationException("The edit id was never set.");

    /// <summary>Reads an id.</summary>
    public static bool TryParse(string? text, out EditId id)
    {
        id = default;
        if (text is not { Length: >= 3 and <= 64 } || text[0] == '-' || text[^1] == '-') return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') return false;
        }

        id = new(text);
        return true;
    }

    /// <summary>Reads an id that is known to be one.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static EditId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is no edit id: {Rule}.");

    /// <summary>An id that sorts by <paramref name="now"/>.</summary>
    public static EditId New(DateTimeOffset now) => new(Guid.CreateVersion7(now).ToString("D"));

    /// <summary>The id that always belongs to these parts, so that doing something twice makes one edit.</summary>
    /// <param name="prefix">Says where the edit came from, e.g. <c>upload</c>.</param>
    /// <param name="parts">What identifies it.</param>
    public static EditId Derive(string prefix, params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            // Length first, so that ("ab", "c") and ("a", "bc") differ.
            hash.AppendData(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(part)}:{part}"));
        }

        return Parse($"{prefix}-{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16))}");
    }

    public override string ToString() => _value ?? "";
}

/// <summary>Ids are strings in JSON.</summary>
public sealed class EditIdJsonConverter : JsonConverter<EditId>
{
    public override EditId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        EditId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException($"It is no edit id: {EditId.Rule}.");

    public override void Write(Utf8JsonWriter writer, EditId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}
