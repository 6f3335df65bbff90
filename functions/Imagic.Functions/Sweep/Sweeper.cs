using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Batches;
using Imagic.Storage;
using Imagic.Storage.Batches;

namespace Imagic.Functions.Sweep;

/// <summary>What a sweep has done.</summary>
/// <param name="Tickets">Pictures that a key brought and nobody started an edit with.</param>
/// <param name="Entries">Entries of the index that were missing or wrong.</param>
/// <param name="Orphans">Folders of starts that never got to a record.</param>
/// <param name="Deletions">Edits and batches whose deletion was begun, and is done now.</param>
/// <param name="Tunings">Tunings that no edit refers to.</param>
internal sealed record SweepReport(int Tickets, int Entries, int Orphans, int Deletions = 0, int Tunings = 0);

/// <summary>
/// Removes what was begun and given up, finishes deletions, and compares the index with the records. It may end anywhere: what is done needs
/// not be done again, and the next sweep finds the rest.
/// </summary>
internal sealed partial class Sweeper(
    StorageAccount account, EditIndex index, EditRecords records, EditDeletion edits, BatchDeletion batches, TuningStore tunings,
    FunctionsOptions options, TimeProvider time, ILogger<Sweeper> logger)
{
    // Longer than any start, any key and any outage that is got over.
    private static readonly TimeSpan GivenUp = TimeSpan.FromHours(24);

    // Records read in one sweep: a minute or two. An id takes about 100 bytes meanwhile.
    private const int MostChecked = 20_000;
    private const int Parallelism = 8;

    /// <summary>Sweeps once.</summary>
    public async Task<SweepReport> RunAsync(CancellationToken cancellationToken)
    {
        var tickets = 0;
        await foreach (var blob in account.Tickets.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            if (IsGivenUp(blob.Properties.LastModified) && await TryDeleteAsync(account.Tickets, blob, cancellationToken)) tickets++;
        }

        var (entries, orphans, deletions) = (0, 0, await DeleteBatchesAsync(cancellationToken));
        var folders = new HashSet<EditId>();
        var begun = time.GetUtcNow();
        await Parallel.ForEachAsync(
            (await SuspectsAsync(folders, cancellationToken)).Take(MostChecked),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (suspect, cancellation) =>
            {
                switch (await CheckAsync(suspect.Key, suspect.Value, cancellation))
                {
                    case Finding.Entry:
                        Interlocked.Increment(ref entries);
                        break;
                    case Finding.Orphan:
                        Interlocked.Increment(ref orphans);
                        break;
                    case Finding.Deletion:
                        Interlocked.Increment(ref deletions);
                        break;
                }
            });
        await tunings.ReleaseOfGoneAsync(begun - GivenUp, folders, cancellationToken);
        return new(tickets, entries, orphans, deletions, await tunings.SweepAsync(begun.AddDays(-options.TuningDays), cancellationToken));
    }

    // Also what a worker or a start has written beside a deletion: a folder without a report.
    private async Task<int> DeleteBatchesAsync(CancellationToken cancellationToken)
    {
        var blobs = await account.Batches.GetBlobsAsync(cancellationToken: cancellationToken).ToListAsync(cancellationToken);
        var deletions = 0;
        foreach (var folder in blobs.Where(blob => blob.Name.Contains('/', StringComparison.Ordinal)).GroupBy(blob => blob.Name.Split('/')[0]))
        {
            if (!ManifestName.TryParse(folder.Key, out var name)) continue;
            try
            {
                if (folder.Any(blob => blob.Name == StoragePaths.BatchBeingDeleted(name.Value)))
                {
                    if (await batches.ResumeAsync(name, cancellationToken) == true) deletions++;
                }
                else if (folder.All(blob => blob.Name != StoragePaths.BatchReport(name.Value) && IsGivenUp(blob.Properties.LastModified)))
                {
                    foreach (var blob in folder) await TryDeleteAsync(account.Batches, blob, cancellationToken);
                }
            }
            catch (ImagicException exception) when (exception is UnreadableBatchException or UnreadableRecordException)
            {
                LogUnreadable(exception.Message);
            }
        }

        return deletions;
    }

    // The edits that have no entry, or one without an end, or an entry and no folder. In this order: a start makes its
    // folder before its entries, so one under way is not missed, only looked at.
    private async Task<Dictionary<EditId, Known>> SuspectsAsync(HashSet<EditId> folders, CancellationToken cancellationToken)
    {
        var known = new Dictionary<EditId, Known>();
        await foreach (var entry in index.ReadAllAsync(StoragePaths.AllEdits, cancellationToken))
            known[entry.EditId] = new(entry.Name, entry.Written, HasEnded: entry.Summary?.State.HasEnded() ?? false);
        await foreach (var entry in index.ReadAllAsync(StoragePaths.EditsUnderWay, cancellationToken))
        {
            known[entry.EditId] = known.TryGetValue(entry.EditId, out var other)
                ? other with { IsWhole = !other.HasEnded, HasEnded = false }
                : new(entry.Name, entry.Written);
        }

        var suspects = known.Where(item => !item.Value.HasEnded).ToDictionary();
        await foreach (var item in account.Edits.GetBlobsByHierarchyAsync(
            new GetBlobsByHierarchyOptions { Delimiter = "/" }, cancellationToken))
        {
            if (!EditId.TryParse(item.Prefix?.TrimEnd('/'), out var id)) continue;
            folders.Add(id);
            if (!known.Remove(id)) suspects.TryAdd(id, default);
        }

        foreach (var (id, entry) in known) suspects.TryAdd(id, entry);
        await foreach (var entry in index.ReadAllAsync(StoragePaths.EditsBeingDeleted, cancellationToken))
            suspects[entry.EditId] = new(entry.Name, entry.Written, IsDeletion: true);
        return suspects;
    }

    private async Task<Finding> CheckAsync(EditId id, Known entry, CancellationToken cancellationToken)
    {
        try
        {
            if (await records.ReadAsync(id, cancellationToken) is { Value: var record } stored)
            {
                if (record.DeleteRequested)
                {
                    var marked = await edits.RequestAsync(id, isGivenUp: stored.Age > GivenUp, cancellationToken);
                    return marked is null || await edits.TryFinishAsync(marked, cancellationToken) ? Finding.Deletion : Finding.Nothing;
                }

                // Its deletion ended before the record was marked, and was not tried again.
                if (entry.IsDeletion && IsGivenUp(entry.Written)) await account.Index.GetBlobClient(entry.Name).DeleteIfExistsAsync(cancellationToken: cancellationToken);
                if (entry.IsWhole && !record.HasEnded()) return Finding.Nothing;
                await index.WriteAsync(record, cancellationToken);
                LogEntry(id, record.State);
                return Finding.Entry;
            }
        }
        catch (UnreadableRecordException exception)
        {
            LogUnreadable(exception.Message);
            return Finding.Nothing;
        }

        var blobs = await account.Edits.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{id}/", cancellationToken).ToListAsync(cancellationToken);
        if (!blobs.TrueForAll(blob => IsGivenUp(blob.Properties.LastModified))) return Finding.Nothing;
        await tunings.ReleaseAsync(id, [], cancellationToken);
        foreach (var blob in blobs)
        {
            // Somebody repeats the start at this moment.
            if (!await TryDeleteAsync(account.Edits, blob, cancellationToken)) return Finding.Nothing;
        }

        if (entry.Name is not null && IsGivenUp(entry.Written)) await index.DeleteAsync(entry.Name, cancellationToken);
        LogOrphan(id, blobs.Count);
        return blobs.Count > 0 ? Finding.Orphan : Finding.Entry;
    }

    private bool IsGivenUp(DateTimeOffset? written) => time.GetUtcNow() - written > GivenUp;

    // Only what was looked at.
    private static Task<bool> TryDeleteAsync(BlobContainerClient container, BlobItem blob, CancellationToken cancellationToken) =>
        container.GetBlobClient(blob.Name).TryDeleteAsync(blob.Properties.ETag, cancellationToken);

    [LoggerMessage(Level = LogLevel.Information, Message = "The index did not tell that edit {EditId} is {State}")]
    private partial void LogEntry(EditId editId, EditState state);

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed what was left of edit {EditId}, which has no record: {Blobs} blobs")]
    private partial void LogOrphan(EditId editId, int blobs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
    private partial void LogUnreadable(string problem);

    private enum Finding
    {
        Nothing,
        Entry,
        Orphan,
        Deletion,
    }

    /// <param name="Name">An entry of the edit; null when it has none.</param>
    /// <param name="Written">When that was written.</param>
    /// <param name="HasEnded">The entries say so, in accord.</param>
    /// <param name="IsWhole">The entries say, in accord, that it has not.</param>
    /// <param name="IsDeletion">The entry says that its deletion has begun.</param>
    private readonly record struct Known(
        string? Name, DateTimeOffset Written, bool HasEnded = false, bool IsWhole = false, bool IsDeletion = false);
}
