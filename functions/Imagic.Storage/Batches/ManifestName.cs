using System.Diagnostics.CodeAnalysis;

namespace Imagic.Storage.Batches;

/// <summary>The name of a manifest and what follows from it.</summary>
/// <param name="Blob">Name of the blob in the container <c>batches</c>.</param>
/// <param name="Folder">Folder of all that is written for it.</param>
/// <param name="IsCsv">Otherwise JSON Lines.</param>
public sealed record ManifestName(string Blob, string Folder, bool IsCsv)
{
    /// <summary>Name of the manifest of a batch that is started by its name.</summary>
    public static ManifestName Of(string batch, bool isCsv) => new(batch + (isCsv ? ".csv" : ".jsonl"), batch, isCsv);

    /// <summary>Whether a blob is a manifest; all others in the container, reports among them, are not.</summary>
    public static bool TryParse(string blob, [NotNullWhen(true)] out ManifestName? name)
    {
        var extension = Path.GetExtension(blob);
        var folder = blob[..^extension.Length];
        var isCsv = Is(".csv");
        var isManifest = folder.Length > 0 && !blob.Contains('/') && (isCsv || Is(".jsonl") || Is(".ndjson"));
        name = isManifest ? new(blob, folder, isCsv) : null;
        return isManifest;

        bool Is(string ending) => string.Equals(extension, ending, StringComparison.OrdinalIgnoreCase);
    }
}
