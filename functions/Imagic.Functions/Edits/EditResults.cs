using System.Text.Json;
using Azure.Storage.Blobs;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>Finds the files of edits.</summary>
internal sealed class EditResults(EditRecords records, StorageAccount account)
{
    private readonly VersionedBlob<ResultManifest> _manifests = new(account.Edits, ContractsJsonContext.Default.ResultManifest);

    /// <summary>A file of the results, or a preview.</summary>
    /// <exception cref="RequestProblemException">There is none of that name.</exception>
    public async Task<BlobClient> FindFileAsync(EditId id, string name, CancellationToken cancellationToken)
    {
        if (StoragePaths.IsPreview(name)) return await FindPreviewAsync(id, name, cancellationToken);
        var (folder, manifest) = await FindAsync(id, cancellationToken);
        // Only what the manifest lists: a name from outside is never made part of a path unseen.
        var file = manifest.Files.FirstOrDefault(file => file.Name == name) ?? throw FileNotFound(id, name);
        return Blob(folder, file);
    }

    /// <summary>A file that the manifest lists.</summary>
    public BlobClient Blob(string folder, ResultFile file) => account.Edits.GetBlobClient($"{folder}/{file.Name}");

    /// <summary>What there is, and the folder in which it is.</summary>
    /// <exception cref="RequestProblemException">There are no results.</exception>
    public async Task<(string Folder, ResultManifest Manifest)> FindAsync(EditId id, CancellationToken cancellationToken)
    {
        var record = await records.ReadAsync(id, cancellationToken) ?? throw EditAnswers.NotFound(id);
        if (record.Value.Results is not { } results)
        {
            throw new RequestProblemException(
                "no-results", StatusCodes.Status404NotFound,
                record.Value.HasEnded() ? $"The edit '{id}' ended without results." : $"The edit '{id}' has no results yet. Ask again when it has succeeded.",
                "editId");
        }

        var folder = $"{id}/{results}";
        try
        {
            var manifest = await _manifests.ReadAsync($"{folder}/{ResultManifest.FileName}", cancellationToken)
                ?? throw new RequestProblemException(
                    "results-deleted", StatusCodes.Status404NotFound, $"The results of the edit '{id}' have been deleted.", "editId");
            return (folder, manifest.Value);
        }
        catch (Exception exception) when (exception is SchemaException or JsonException)
        {
            throw new UnreadableResultsException(id, exception);
        }
    }

    /// <summary>Names of the pictures that an edit was asked for: the suggested one of each seed, without those that are withheld.</summary>
    /// <exception cref="RequestProblemException">It ended without them.</exception>
    public async Task<IReadOnlyList<string>> PicturesAsync(EditRecord record, CancellationToken cancellationToken)
    {
        if (record.Error is { } error) throw Without(error.Code, $"The edit '{record.EditId}' failed: {error.Message}");
        if (record.State == EditState.Cancelled) throw Without("edit-cancelled", $"The edit '{record.EditId}' was cancelled.");
        var (_, manifest) = await FindAsync(record.EditId, cancellationToken);
        return manifest.Suggested.Length > 0 ? manifest.Suggested : throw Without("withheld", $"The pictures of the edit '{record.EditId}' are withheld by the model's safety checker.");

        static RequestProblemException Without(string code, string detail) => new(code, StatusCodes.Status422UnprocessableEntity, detail);
    }

    /// <summary>The bytes of a file of the results, or of a preview.</summary>
    /// <exception cref="RequestProblemException">There is none of that name.</exception>
    public async Task<BinaryData> ReadAsync(EditId id, string name, CancellationToken cancellationToken) =>
        (await (await FindFileAsync(id, name, cancellationToken)).DownloadContentAsync(cancellationToken)).Value.Content;

    private async Task<BlobClient> FindPreviewAsync(EditId id, string name, CancellationToken cancellationToken)
    {
        var blob = account.Edits.GetBlobClient($"{id}/{name}");
        return await blob.ExistsAsync(cancellationToken) ? blob : throw FileNotFound(id, name);
    }

    private static RequestProblemException FileNotFound(EditId id, string name) => new(
        "result-not-found", StatusCodes.Status404NotFound,
        $"The edit '{id}' has no file '{name}'. /api/edits/{id}/results lists what there is.", "name");
}

/// <summary>The results are there, and this program cannot read which files they are.</summary>
internal sealed class UnreadableResultsException(EditId id, Exception inner)
    : ImagicException("results-unreadable", FaultKind.Failed, $"The manifest of the results of the edit '{id}' cannot be read: {inner.Message}", inner);
