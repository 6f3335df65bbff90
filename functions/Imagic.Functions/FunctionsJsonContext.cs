using System.Text.Json.Serialization;
using Imagic.Functions.Problems;

namespace Imagic.Functions;

/// <summary>JSON that only this app speaks, spelled as the contracts are.</summary>
[JsonSerializable(typeof(Problem))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class FunctionsJsonContext : JsonSerializerContext;
