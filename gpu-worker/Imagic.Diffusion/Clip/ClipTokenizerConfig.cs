using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Diffusion.Clip;

/// <summary>
/// What is read of <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c>; both hold a special token as a
/// string or as an object with its <c>content</c>.
/// </summary>
internal sealed record ClipTokenizerConfig
{
    public JsonElement? BosToken { get; init; }

    public JsonElement? EosToken { get; init; }

    public JsonElement? PadToken { get; init; }

    public JsonElement? UnkToken { get; init; }

    /// <summary>Some packages say 10^30 for "no limit", hence no integer.</summary>
    public double? ModelMaxLength { get; init; }

    /// <summary>All added tokens by id, in the newer form of the file.</summary>
    public Dictionary<int, TokenizerFile.Token>? AddedTokensDecoder { get; init; }

    public string? TokenizerClass { get; init; }

    /// <summary>The tokens that <paramref name="file"/>, which this is, adds.</summary>
    public IEnumerable<AddedToken> AddedTokens(string file) => (AddedTokensDecoder ?? []).Select(entry => entry.Value.In(file, entry.Key));

    /// <summary>This file's tokens where <paramref name="other"/> has none.</summary>
    public ClipTokenizerConfig OverriddenBy(ClipTokenizerConfig other) => this with
    {
        BosToken = other.BosToken ?? BosToken,
        EosToken = other.EosToken ?? EosToken,
        PadToken = other.PadToken ?? PadToken,
        UnkToken = other.UnkToken ?? UnkToken,
    };

    /// <summary>The text of a special token, or null where the entry is absent or of no known form.</summary>
    public static string? Content(JsonElement? token) => token switch
    {
        { ValueKind: JsonValueKind.String } entry => entry.GetString(),
        { ValueKind: JsonValueKind.Object } entry when entry.TryGetProperty("content", out var text) => Content(text),
        _ => null,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ClipTokenizerConfig))]
[JsonSerializable(typeof(TokenizerFile))]
[JsonSerializable(typeof(Dictionary<string, int>))]
internal sealed partial class ClipTokenizerJson : JsonSerializerContext;
