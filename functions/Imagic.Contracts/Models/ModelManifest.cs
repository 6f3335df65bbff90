using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Imagic.Contracts.Models;

/// <summary>A file of a model package.</summary>
/// <param name="Path">Below the package's folder, with '/' between parts.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex; also its name in storage.</param>
public sealed record ModelFile(string Path, long Length, string Sha256);

/// <summary>A model package in storage: which files it has.</summary>
public sealed partial record ModelManifest : IVersioned
{
    /// <summary>What a name may look like, for people.</summary>
    public const string NameRule = "1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit";

    public int Schema { get; init; } = Versioning.Current;

    /// <summary>Name that edits ask for.</summary>
    public required string Name { get; init; }

    /// <summary>Identity of the package.</summary>
    public required string Sha256 { get; init; }

    public required ImmutableArray<ModelFile> Files { get; init; }

    /// <summary>Side of the square that the model was trained on, in pixels.</summary>
    public int? Side { get; init; }

    /// <summary>Target texts that suit the model, see <see cref="ModelExamples"/>.</summary>
    public ImmutableArray<string> Examples { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What the model knows, see <see cref="ModelAbout"/>.</summary>
    public string? About { get; init; }

    /// <summary>Whether it is a pixel cascade, by its layout.</summary>
    [JsonIgnore]
    public bool IsCascade => Files.Any(file => file.Path.StartsWith("stage_1/", StringComparison.Ordinal));

    /// <summary>What a worker fetched it from, as <see cref="ModelEntry.Setting"/> names it; null when somebody pushed it.</summary>
    public string? Source { get; init; }

    /// <summary>Whether a package may have this name.</summary>
    public static bool IsName(string name) => NameShape().IsMatch(name);

    // Hashes and paths become names of files and folders.
    void IVersioned.CheckRead()
    {
        if (!IsName(Name)) throw new JsonException($"'{Name}' is no name of a model: a name has {NameRule}.");
        if (!Hex.IsSha256(Sha256)) throw new JsonException("The sha256 is not 64 lower-case hexadecimal digits.");
        if (Side is < 1 or > 1 << 15) throw new JsonException($"The side of {Side} pixels is that of no model.");
        if (ModelExamples.Problem(Examples) is { } wrong) throw new JsonException($"What it gives as examples {wrong}.");
        if (About is not null && ModelAbout.Problem(About) is { } bad) throw new JsonException($"What it says about the model {bad}.");
        if (Files.IsDefaultOrEmpty) throw new JsonException("It names no files.");
        foreach (var file in Files)
        {
            if (file is not { Path: { } path, Sha256: { } sha256, Length: >= 0 }) throw new JsonException("A file lacks its path, length or sha256.");
            if (BlobName.Problem(path) is { } problem) throw new JsonException($"The path '{path}' {problem}.");
            if (!Hex.IsSha256(sha256)) throw new JsonException($"The sha256 of '{path}' is not 64 lower-case hexadecimal digits.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex NameShape();
}
