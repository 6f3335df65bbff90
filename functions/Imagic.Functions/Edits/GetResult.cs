using System.Text.RegularExpressions;
using Azure;
using Azure.Storage.Blobs;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Functions.Keys;
using Imagic.Functions.Problems;
using Imagic.Runtime.Storage;

namespace Imagic.Functions.Edits;

/// <summary>Getting the pictures of an edit.</summary>
internal static partial class GetResult
{
    // Half of a key's life: whoever has the address from a cache can still use it.
    private static readonly string CacheControl = $"private, max-age={BlobKeys.ReadLifetime.TotalSeconds / 2:0}";

    /// <summary>What there is.</summary>
    public static async Task<IResult> ListAsync(
        string editId, StorageAccount account, EditRecords records, CancellationToken cancellationToken)
    {
        var (_, manifest) = await FindAsync(EditAnswers.ParseId(editId), account, records, cancellationToken);
        return TypedResults.Json(manifest, ContractsJsonContext.Default.ResultManifest);
    }

    /// <summary>Sends the caller to a file.</summary>
    public static async Task<IResult> GetAsync(
        string editId, string name, HttpResponse response, StorageAccount account, EditRecords records, BlobKeys keys,
        CancellationToken cancellationToken)
    {
        var id = EditAnswers.ParseId(editId);
        var blob = PreviewName().IsMatch(name)
            ? await FindPreviewAsync(id, name, account, cancellationToken)
            : await FindFileAsync(id, name, account, records, cancellationToken);
        var address = await keys.ReadAsync(blob, cancellationToken);
        response.Headers.CacheControl = CacheControl;
        return TypedResults.Redirect(address.AbsoluteUri);
    }

    private static async Task<BlobClient> FindPreviewAsync(
        EditId id, string name, StorageAccount account, CancellationToken cancellationToken)
    {
        var blob = account.Edits.GetBlobClient($"{id}/{name}");
        return await blob.ExistsAsync(cancellationToken) ? blob : throw FileNotFound(id, name);
    }

    private static async Task<BlobClient> FindFileAsync(
        EditId id, string name, StorageAccount account, EditRecords records, CancellationToken cancellationToken)
    {
        var (folder, manifest) = await FindAsync(id, account, records, cancellationToken);
        // Only what the manifest lists: a name from outside is never made part of a path unseen.
        var file = manifest.Files.FirstOrDefault(file => file.Name == name) ?? throw FileNotFound(id, name);
        return account.Edits.GetBlobClient($"{folder}/{file.Name}");
    }

    private static async Task<(string Folder, ResultManifest Manifest)> FindAsync(
        EditId id, StorageAccount account, EditRecords records, CancellationToken cancellationToken)
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
        var path = $"{folder}/{ResultManifest.FileName}";
        try
        {
            var answer = await account.Edits.GetBlobClient(path).DownloadContentAsync(cancellationToken);
            return (folder, Versioning.Read(answer.Value.Content, ContractsJsonContext.Default.ResultManifest, path));
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            throw new RequestProblemException(
                "results-deleted", StatusCodes.Status404NotFound, $"The results of the edit '{id}' have been deleted.", "editId");
        }
    }

    private static RequestProblemException FileNotFound(EditId id, string name) => new(
        "result-not-found", StatusCodes.Status404NotFound,
        $"The edit '{id}' has no file '{name}'. /api/edits/{id}/results lists what there is.", "name");

    [GeneratedRegex(@"\Apreviews/[a-z]+-[0-9]+\.png\z")]
    private static partial Regex PreviewName();
}
