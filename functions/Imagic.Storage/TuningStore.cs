using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Imagic.Contracts;
using Imagic.Contracts.Edits;

namespace Imagic.Storage;

/// <summary>
/// What stages before sampling gave, by the SHA-256 of the content: kept once, for as long as an edit refers to it. An
/// edit refers to a tuning before it looks whether it is there, and ceases to before it goes itself; whoever finds one
/// gone does the stage again.
/// </summary>
public sealed class TuningStore(StorageAccount account)
{
    private const int Parallelism = 4;

    /// <summary>Keeps a tuning for an edit; one that is there is not written again.</summary>
    /// <param name="id">The edit.</param>
    /// <param name="sha256">Of the content.</param>
    /// <param name="write">Writes the content; called once at most.</param>
    /// <param name="cancellationToken">Gives up; nothing appears then.</param>
    public async Task KeepAsync(EditId id, string sha256, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await ReferAsync(id, sha256, cancellationToken);
        var blob = account.Tunings.GetBlockBlobClient(StoragePaths.TuningContent(sha256));
        if (await blob.ExistsAsync(cancellationToken)) return;
        await using var upload = new BlockUploadStream(blob, "application/octet-stream", Parallelism, cancellationToken);
        await write(upload, cancellationToken);
        // Whoever was first has written the same.
        await upload.CommitAsync(new Dictionary<string, string>());
    }

    /// <summary>Lets an edit refer to a tuning.</summary>
    public async Task ReferAsync(EditId id, string sha256, CancellationToken cancellationToken)
    {
        await PutAsync(account.Edits.GetBlobClient(StoragePaths.EditTuning(id, sha256)), cancellationToken);
        await PutAsync(account.Tunings.GetBlobClient(StoragePaths.TuningReference(sha256, id)), cancellationToken);
    }

    /// <summary>Whether a tuning is there.</summary>
    public async Task<bool> ExistsAsync(string sha256, CancellationToken cancellationToken) =>
        await account.Tunings.GetBlobClient(StoragePaths.TuningContent(sha256)).ExistsAsync(cancellationToken);

    /// <summary>The edits that refer to a tuning.</summary>
    public IAsyncEnumerable<EditId> EditsOfAsync(string sha256, CancellationToken cancellationToken)
    {
        var folder = StoragePaths.TuningReferences(sha256);
        return account.Tunings.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder, cancellationToken)
            .Where(blob => EditId.TryParse(blob.Name[folder.Length..], out _)).Select(blob => EditId.Parse(blob.Name[folder.Length..]));
    }

    /// <summary>Lets an edit refer to no tunings but these; may be done again.</summary>
    public async Task ReleaseAsync(EditId id, IReadOnlyCollection<string> kept, CancellationToken cancellationToken)
    {
        var folder = StoragePaths.EditTunings(id);
        await foreach (var blob in account.Edits.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder, cancellationToken))
        {
            var sha256 = blob.Name[folder.Length..];
            if (!Hex.IsSha256(sha256) || kept.Contains(sha256)) continue;
            await ReleaseAsync(id, sha256, cancellationToken);
            await account.Edits.GetBlobClient(blob.Name).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }
    }

    /// <summary>Takes the references of edits away that were deleted by others, such as a rule of the account.</summary>
    /// <param name="before">Of those that were made before that.</param>
    /// <param name="edits">The edits that were there since.</param>
    /// <param name="cancellationToken">Gives up; the next sweep does the rest.</param>
    public async Task ReleaseOfGoneAsync(DateTimeOffset before, IReadOnlySet<EditId> edits, CancellationToken cancellationToken)
    {
        await foreach (var blob in account.Tunings.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            if (blob.Properties.LastModified >= before || blob.Name.Split('/') is not [var sha256, "edits", var name]) continue;
            if (EditId.TryParse(name, out var id) && !edits.Contains(id)) await ReleaseAsync(id, sha256, cancellationToken);
        }
    }

    /// <summary>Removes the tunings to which no edit has referred for a while.</summary>
    /// <param name="before">Those that were released, or written, before that.</param>
    /// <param name="cancellationToken">Gives up; the next sweep does the rest.</param>
    /// <returns>How many.</returns>
    public async Task<int> SweepAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = 0;
        var tuning = new List<BlobItem>();
        await foreach (var blob in account.Tunings.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            if (tuning.Count > 0 && Sha256Of(tuning[0]) != Sha256Of(blob)) await RemoveAsync();
            tuning.Add(blob);
        }

        if (tuning.Count > 0) await RemoveAsync();
        return removed;

        async Task RemoveAsync()
        {
            var references = StoragePaths.TuningReferences(Sha256Of(tuning[0]));
            if (!tuning.Exists(blob => blob.Name.StartsWith(references, StringComparison.Ordinal))
                && tuning.TrueForAll(blob => blob.Properties.LastModified < before))
            {
                foreach (var blob in tuning) await account.Tunings.GetBlobClient(blob.Name).DeleteIfExistsAsync(cancellationToken: cancellationToken);
                removed++;
            }

            tuning.Clear();
        }
    }

    private async Task ReleaseAsync(EditId id, string sha256, CancellationToken cancellationToken)
    {
        await account.Tunings.GetBlobClient(StoragePaths.TuningReleased(sha256)).UploadAsync(BinaryData.Empty, overwrite: true, cancellationToken);
        await account.Tunings.GetBlobClient(StoragePaths.TuningReference(sha256, id)).DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }

    private static string Sha256Of(BlobItem blob) => blob.Name.Split('/')[0];

    private static async Task PutAsync(Azure.Storage.Blobs.BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            await blob.UploadAsync(BinaryData.Empty, new BlobUploadOptions { Conditions = new() { IfNoneMatch = ETag.All } }, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.IsTaken())
        {
            // it refers to it already
        }
    }
}
