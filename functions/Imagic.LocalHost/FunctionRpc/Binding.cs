using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.LocalHost.FunctionRpc;

/// <summary>A binding as the worker describes it: what <c>function.json</c> says for other languages.</summary>
internal sealed record Binding(
    string Type,
    string Name,
    string? Route,
    IReadOnlyList<string>? Methods,
    string? QueueName,
    string? Connection,
    string? Schedule,
    IReadOnlyDictionary<string, JsonElement>? Properties);

/// <summary>JSON of bindings.</summary>
[JsonSerializable(typeof(Binding))]
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
internal sealed partial class BindingJsonContext : JsonSerializerContext;
