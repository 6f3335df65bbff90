using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Worker.Models.Hub;

/// <summary>A model at one commit of its repository.</summary>
/// <param name="Name">With its owner, as the hub spells it now.</param>
/// <param name="Commit">All files are fetched at it.</param>
/// <param name="License">Its short name; null where the card names none.</param>
/// <param name="LicenseLink">Where its text is.</param>
/// <param name="Gated">How the owner gives it out, such as <c>auto</c> or <c>manual</c>; null to everybody.</param>
public sealed record HubModel(string Name, string Commit, IReadOnlyList<HubFile> Files, string? License, string? LicenseLink, string? Gated)
{
    /// <summary>Reads the answer to <c>GET /api/models/{name}/revision/{revision}?blobs=true</c>.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    internal static HubModel Read(ReadOnlySpan<byte> json, string name)
    {
        var answer = JsonSerializer.Deserialize(json, HubJson.Default.HubAnswer) ?? throw new JsonException("It is null.");
        if (answer.Sha is not { Length: 40 or 64 } commit || !commit.All(char.IsAsciiHexDigit)) throw new JsonException("It names no commit.");
        var files = answer.Siblings ?? throw new JsonException("It names no files.");
        return new(
            answer.Id ?? name, commit,
            // Names that step aside are nobody's files.
            [.. files.Where(file => BlobName.Problem(file.Rfilename) is null).Select(file => new HubFile(
                file.Rfilename, file.Lfs?.Size ?? file.Size ?? throw new JsonException($"It does not say how long {file.Rfilename} is."), file.Lfs?.Sha256?.ToLowerInvariant(), file.Lfs is null ? file.BlobId : null))],
            Card("license_name") ?? Card("license"), Card("license_link"),
            answer.Gated.ValueKind == JsonValueKind.String ? answer.Gated.GetString() : answer.Gated.ValueKind == JsonValueKind.True ? "yes" : null);

        // Several licences are a list.
        string? Card(string member) => answer.CardData is { ValueKind: JsonValueKind.Object } card && card.TryGetProperty(member, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Array => string.Join(", ", value.EnumerateArray()),
                _ => null,
            }
            : null;
    }
}

/// <summary>What is known of a pulled package: a small file in it, which is no part of its identity.</summary>
/// <param name="Hub">Address of the hub.</param>
/// <param name="Name">With its owner.</param>
/// <param name="Revision">What was asked for; null is the main branch.</param>
/// <param name="Commit">What that meant.</param>
/// <param name="Variant">Of the weights, where one was asked for.</param>
/// <param name="License">Short name of the licence, as the card has it.</param>
/// <param name="LicenseLink">Where its text is.</param>
/// <param name="Gated">How the owner gives it out; null to everybody.</param>
/// <param name="Notices">What was left out or taken instead.</param>
/// <param name="SuperResolution">NAME@COMMIT of a cascade's second repository.</param>
public sealed record HubRecord(
    Uri Hub, string Name, string? Revision, string Commit, string? Variant, string? License, string? LicenseLink, string? Gated, IReadOnlyList<string> Notices, DateTimeOffset PulledAt,
    string? SuperResolution = null)
{
    private const string FileName = "hub.json";

    /// <summary>Reads a package's; null when it did not come from a hub.</summary>
    public static HubRecord? Find(string package)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(package, FileName)), HubJson.Default.HubRecord);
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            return null;
        }
    }

    internal void Write(string package) => File.WriteAllBytes(Path.Combine(package, FileName), JsonSerializer.SerializeToUtf8Bytes(this, HubJson.Default.HubRecord));
}

internal sealed record HubAnswer(string? Id, string? Sha, HubSibling[]? Siblings, JsonElement Gated, JsonElement CardData);

internal sealed record HubSibling(string Rfilename, long? Size, string? BlobId, HubLfs? Lfs);

internal sealed record HubLfs(string? Sha256, long? Size);

[JsonSerializable(typeof(HubAnswer))]
[JsonSerializable(typeof(HubRecord))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class HubJson : JsonSerializerContext;
