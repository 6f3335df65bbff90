using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Imagic.Functions.CustomHandler;

/// <summary>
/// What the Functions host is told of a call that went well. Always a whole object: an empty body lets the host wait
/// until its time-out, and it decodes outputs that happen to be base64, so there are none.
/// </summary>
/// <param name="Logs">Sentences for the function's log.</param>
internal sealed record InvocationAnswer(ImmutableArray<string> Logs)
{
    /// <summary>Values of output bindings; messages and blobs are written here and not by the host.</summary>
    public ImmutableDictionary<string, string> Outputs { get; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Nobody reads it.</summary>
    public string? ReturnValue { get; }
}

/// <summary>JSON towards the host: names as its documentation spells them, nothing left out.</summary>
[JsonSerializable(typeof(InvocationAnswer))]
internal sealed partial class InvocationJsonContext : JsonSerializerContext;
