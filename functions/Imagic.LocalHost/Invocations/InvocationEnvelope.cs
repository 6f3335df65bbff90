using System.Text;
using System.Text.Json;

namespace Imagic.LocalHost.Invocations;

/// <summary>Body of an invocation: <c>{"Data":{…},"Metadata":{…}}</c>. Values are JSON already.</summary>
internal sealed class InvocationEnvelope
{
    private readonly OrderedDictionary<string, string> _data = [];

    // Names are compared as the host's binding data does it: a property "id" of a payload takes the place of "Id".
    private readonly OrderedDictionary<string, string> _metadata = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Value of an input binding.</summary>
    public void AddData(string binding, string json) => _data[binding] = json;

    /// <summary>Something about the trigger. Names that end in "trigger" are left out, since the data says it.</summary>
    public void SetMetadata(string name, string json)
    {
        if (!name.EndsWith("trigger", StringComparison.OrdinalIgnoreCase)) _metadata[name] = json;
    }

    /// <summary>What every function gets under <c>sys</c>.</summary>
    public void SetSystemMetadata(string function, DateTimeOffset now, Guid random) => SetMetadata(
        "sys",
        $"{{\"MethodName\":{WireValue.Quote(function)},\"UtcNow\":\"{now.UtcDateTime:yyyy-MM-ddTHH:mm:ss.FFFFFFFK}\",\"RandGuid\":\"{random:D}\"}}");

    /// <summary>
    /// Puts the top-level properties of a JSON object into the metadata, over what is there. The host does that with
    /// every payload that happens to be JSON, so nobody may trust the metadata of a message from outside.
    /// </summary>
    public void MergePayload(string payload)
    {
        if (!payload.AsSpan().Trim().StartsWith("{")) return;
        try
        {
            using var document = JsonDocument.Parse(payload);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (WireValue.PayloadProperty(property.Value) is { } json) SetMetadata(property.Name, json);
            }
        }
        catch (JsonException)
        {
            // Payloads need not be JSON.
        }
    }

    /// <summary>The body.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes($"{{\"Data\":{Object(_data)},\"Metadata\":{Object(_metadata)}}}");

    private static string Object(OrderedDictionary<string, string> members) =>
        $"{{{string.Join(',', members.Select(member => $"{WireValue.Quote(member.Key)}:{member.Value}"))}}}";
}
