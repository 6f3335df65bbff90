using System.Collections.Immutable;

namespace Imagic.Contracts.Models;

/// <summary>A file of a model package.</summary>
/// <param name="Path">Below the package's folder, with '/' between parts.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex; also its name in storage.</param>
public sealed record ModelFile(string Path, long Length, string Sha256);

/// <summary>A model package in storage: which files it has.</summary>
public sealed record ModelManifest : IVersioned
{
    /// <inheritdoc/>
    public int Schema { get; init; } = Versioning.Current;

    /// <summary>Name that edits ask for.</summary>
    public required string Name { get; init; }

    /// <summary>Identity of the package.</summary>
    public required string Sha256 { get; init; }

    /// <summary>All files.</summary>
    public required ImmutableArray<ModelFile> Files { get; init; }
}
