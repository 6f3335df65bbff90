using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Imagic.Functions.CustomHandler;

/// <summary>
/// One call of a function by the Functions host: the envelope of the custom-handler contract, read tolerantly, since
/// hosts differ from their documentation and from each other in how often they quote a value.
/// </summary>
internal sealed class Invocation
{
    private readonly FrozenDictionary<string, string> _metadata;
    private readonly FrozenSet<string> _overwritten;

    private Invocation(string payload, FrozenDictionary<string, string> metadata)
    {
        Payload = payload;
        _metadata = metadata;
        _overwritten = NamesMergedBy(payload);
    }

    /// <summary>The trigger's message as text, without any of the host's quoting; empty when there is none.</summary>
    public string Payload { get; }

    /// <summary>Id of the queue message; null when the host did not say, or the message may have replaced it.</summary>
    public string? MessageId => Metadata("Id");

    /// <summary>Deliveries of the queue message so far; null when the host did not say, or the message may have replaced it.</summary>
    public int? DequeueCount => int.TryParse(Metadata("DequeueCount"), out var count) ? count : null;

    /// <summary>Reads an envelope.</summary>
    /// <param name="body">Body of the request.</param>
    /// <param name="binding">Name of the trigger in <c>function.json</c>; when only one value came, that one is taken.</param>
    /// <param name="invocation">The call.</param>
    public static bool TryRead(ReadOnlyMemory<byte> body, string binding, [NotNullWhen(true)] out Invocation? invocation)
    {
        invocation = null;
        try
        {
            using var document = JsonDocument.Parse(WithoutMark(body));
            if (document.RootElement.ValueKind != JsonValueKind.Object) return false;
            if (Member(document.RootElement, "Data") is not { ValueKind: JsonValueKind.Object } data) return false;
            if ((Member(data, binding) ?? Only(data)) is not { } value) return false;
            invocation = new(HostText.Payload(value), ReadMetadata(Member(document.RootElement, "Metadata")));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // The host merges the members of a JSON message into the metadata, over its own; it knows names in any case.
    private string? Metadata(string name) =>
        _overwritten.Contains(name) ? null : _metadata.GetValueOrDefault(name);

    private static FrozenSet<string> NamesMergedBy(string payload)
    {
        if (!payload.AsSpan().TrimStart().StartsWith('{')) return [];
        try
        {
            using var document = JsonDocument.Parse(payload);
            return document.RootElement.EnumerateObject().Select(member => member.Name).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static FrozenDictionary<string, string> ReadMetadata(JsonElement? metadata)
    {
        if (metadata is not { ValueKind: JsonValueKind.Object } members) return FrozenDictionary<string, string>.Empty;
        var read = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in members.EnumerateObject()) read[member.Name] = HostText.Unquoted(member.Value);
        return read.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static JsonElement? Member(JsonElement parent, string name)
    {
        foreach (var member in parent.EnumerateObject())
        {
            if (string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase)) return member.Value;
        }

        return null;
    }

    private static JsonElement? Only(JsonElement data) => data.GetPropertyCount() == 1 ? data.EnumerateObject().Single().Value : null;

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;
}
