using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Storage.Batches;

namespace Imagic.Storage;

/// <summary>
/// Deletes edits. The record is marked first and goes last, so whoever comes next finishes what was begun: the same call
/// again, a worker with a message of the edit, or the sweep.
/// </summary>
public sealed class EditDeletion(
    StorageAccount account, EditRecords records, EditIndex index, TuningStore tunings, BatchStore batches, StageSender sender, TimeProvider time)
{
    private const int Parallelism = 8;

    /// <summary>Marks an edit to be deleted. What no worker has ends at once; a worker hears of it between two steps.</summary>
    /// <param name="id">Which.</param>
    /// <param name="isGivenUp">Whether the worker that has it is known to be dead, and its message to be lost.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The record as it is then; null when there is no such edit.</returns>
    public async Task<Stored<EditRecord>?> RequestAsync(EditId id, bool isGivenUp, CancellationToken cancellationToken)
    {
        if (await records.ReadAsync(id, cancellationToken) is not { } found) return null;
        if (found.Value.DeleteRequested && found.Value.HasEnded()) return found;
        await index.WriteDeletingAsync(found.Value, cancellationToken);
        return await records.UpdateAsync(id, record => Mark(record, isGivenUp), cancellationToken);
    }

    /// <summary>Removes an edit that is marked, unless a worker has something to do before; that one removes it then.</summary>
    /// <param name="marked">Its record.</param>
    /// <param name="cancellationToken">Gives up; the next one goes on.</param>
    /// <param name="withBatch">Whether the batch that it is of goes too, and is not summed up.</param>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> TryFinishAsync(Stored<EditRecord> marked, CancellationToken cancellationToken, bool withBatch = false)
    {
        var record = marked.Value;
        if (!record.HasEnded()) return false;
        if (!withBatch && record.Batch is { } line && await batches.MarkEndedAsync(line, record.EditId, cancellationToken) is { Summary: null })
        {
            // It is the last of its batch: workers sum up, and this asks one.
            await sender.SendAsync(record.EditId, EditStage.Optimize, cancellationToken);
            return false;
        }

        await RemoveAsync(marked, cancellationToken);
        return true;
    }

    /// <summary>Removes an edit that is marked and has ended.</summary>
    public async Task RemoveAsync(Stored<EditRecord> marked, CancellationToken cancellationToken)
    {
        var record = marked.Value;
        var blobs = await ListAsync(record.EditId, cancellationToken);
        // Else somebody has removed it before, and what is there now may be an edit that was started anew.
        if (!blobs.Exists(blob => blob.Name == StoragePaths.Record(record.EditId) && blob.Properties.ETag?.Text() == marked.ETag.Text())) return;
        await tunings.ReleaseAsync(record.EditId, [], cancellationToken);
        await DeleteAsync(blobs.Where(blob => blob.Name != StoragePaths.Record(record.EditId)), cancellationToken);
        await index.DeleteAsync(StoragePaths.IndexEntry(StoragePaths.AllEdits, record.Created, record.EditId), cancellationToken);
        await records.DeleteAsync(marked, cancellationToken);
        // A worker on the other line of a cascade writes until it hears of the end. What it has written by now is looked for
        // here; what it writes later, with no record any more, it removes itself.
        await RemoveRestAsync(record.EditId, cancellationToken);
    }

    /// <summary>Removes what was written beside the removal of an edit; nothing while there is a record.</summary>
    public async Task RemoveRestAsync(EditId id, CancellationToken cancellationToken)
    {
        var blobs = await ListAsync(id, cancellationToken);
        if (await records.ReadAsync(id, cancellationToken) is not null) return;
        await tunings.ReleaseAsync(id, [], cancellationToken);
        // A source may be that of a start at this moment; the sweep takes one that is not.
        await DeleteAsync(blobs.Where(blob => blob.Name != StoragePaths.Source(id)), cancellationToken);
    }

    private EditRecord? Mark(EditRecord record, bool isGivenUp)
    {
        var marked = record with { DeleteRequested = true, CancelRequested = record.CancelRequested || !record.HasEnded() };
        if (!record.HasEnded() && (isGivenUp || record is { Claim: null, SuperResolution: null or { Claim: null } }))
            marked = marked with { State = EditState.Cancelled, Ended = time.GetUtcNow() };
        return marked == record ? null : marked;
    }

    private async Task<List<BlobItem>> ListAsync(EditId id, CancellationToken cancellationToken) =>
        await account.Edits.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{id}/", cancellationToken).ToListAsync(cancellationToken);

    private Task DeleteAsync(IEnumerable<BlobItem> blobs, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        blobs, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
        async (blob, token) => await account.Edits.GetBlobClient(blob.Name).TryDeleteAsync(blob.Properties.ETag, token));
}
