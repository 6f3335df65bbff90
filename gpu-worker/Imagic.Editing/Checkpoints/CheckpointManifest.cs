using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Editing.Checkpoints;

/// <summary>One blob of a checkpoint.</summary>
/// <param name="Name">Name inside the checkpoint's folder; or <see cref="SharedFolder"/> and the hash, of what other edits find too.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record CheckpointPart(string Name, long Length, string Sha256)
{
    /// <summary>Where a store finds by its hash what is not in one checkpoint's folder.</summary>
    public const string SharedFolder = "shared/";

    /// <summary>Whether other edits find it too.</summary>
    [JsonIgnore]
    public bool IsShared => Name.StartsWith(SharedFolder, StringComparison.Ordinal);
}

/// <summary>
/// The small JSON that is written last and makes a set of blobs a checkpoint, or with <see cref="Complete"/> a
/// stage's result.
/// </summary>
public sealed record CheckpointManifest : IVersioned
{
    public int Schema { get; init; } = Versioning.Current;

    /// <summary>Name of the stage.</summary>
    public required string Stage { get; init; }

    /// <summary>Number of the claim under which it was written.</summary>
    public required int Epoch { get; init; }

    public required int Step { get; init; }

    /// <summary>Whether this is the stage's result.</summary>
    public required bool Complete { get; init; }

    /// <summary>Hash of everything that the numbers depend on.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Computing time spent on the stage so far, in seconds.</summary>
    public double Seconds { get; init; }

    public required ImmutableArray<CheckpointPart> Parts { get; init; }

    // Names become names of files and blobs.
    void IVersioned.CheckRead()
    {
        if (BlobName.Problem(Stage) is not null || Stage.Contains('/')) throw new JsonException($"'{Stage}' cannot be the name of a stage.");
        if (Parts.IsDefault) throw new JsonException("It has no parts.");
        foreach (var part in Parts)
        {
            if (part is not { Name: { } name, Sha256: { } sha256, Length: >= 0 } || !Hex.IsSha256(sha256)) throw new JsonException("A part lacks its name, length or sha256.");
            if (part.IsShared ? name[CheckpointPart.SharedFolder.Length..] != sha256 : BlobName.Problem(name) is not null || name.Contains('/')) throw new JsonException($"'{name}' cannot be the name of a part.");
        }
    }

    /// <summary>File name of the manifest.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Name of a part in the store.</summary>
    public string NameOf(CheckpointPart part) => part.IsShared ? part.Name : $"{Folder}/{part.Name}";

    /// <summary>Folder of a checkpoint: sorts by epoch, then step, then results last.</summary>
    [JsonIgnore]
    public string Folder => string.Create(
        CultureInfo.InvariantCulture, $"{Stage}/{Epoch:D4}-{Step:D6}{(Complete ? "-result" : "")}");
}
