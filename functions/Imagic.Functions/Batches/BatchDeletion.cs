using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Functions.Problems;
using Imagic.Storage;
using Imagic.Storage.Batches;

namespace Imagic.Functions.Batches;

/// <summary>
/// Deletes batches with all their edits. It may end anywhere: a copy of the report is written first and goes last, and the
/// next call, or the sweep, goes on from there.
/// </summary>
internal sealed class BatchDeletion(StorageAccount account, BatchStore batches, EditDeletion edits, TimeProvider time)
{
    private const int Parallelism = 8;

    /// <summary>Deletes a batch.</summary>
    /// <returns>Whether it is gone, or workers have some of its edits; null when there is no such batch.</returns>
    /// <exception cref="UnreadableBatchException">Nobody can tell which edits it has.</exception>
    public async Task<bool?> RunAsync(ManifestName name, CancellationToken cancellationToken)
    {
        bool? isGone = null;
        while ((await ReadBegunAsync(name.Value, cancellationToken) ?? await BeginAsync(name, cancellationToken)) is { } batch)
        {
            isGone = await FinishAsync(name, batch, cancellationToken);
            if (isGone == false) break;
        }

        return isGone;
    }

    /// <summary>Finishes a deletion that was begun; null when none was.</summary>
    public async Task<bool?> ResumeAsync(ManifestName name, CancellationToken cancellationToken) =>
        await ReadBegunAsync(name.Value, cancellationToken) is { } batch ? await FinishAsync(name, batch, cancellationToken) : null;

    /// <summary>Deletes a run of a batch.</summary>
    /// <returns>False: workers have some of its edits, and remove them; the rest remains to be done.</returns>
    public async Task<bool> FinishAsync(ManifestName name, BatchReport batch, CancellationToken cancellationToken)
    {
        // The manifest first: whoever has read it before looks once more after writing the report.
        if (await batches.FindManifestAsync(name.Value, cancellationToken) is { } manifest && name.RunOf(manifest) == batch.Run)
            await batches.DeleteManifestAsync(name.Value, manifest, cancellationToken);
        var report = await batches.ReadReportAsync(name.Value, cancellationToken);
        var isNewest = report is null || report.ValueOrNull?.Run == batch.Run;
        if (report is { ValueOrNull: { } own } && isNewest) batch = own;
        if (!await DeleteEditsAsync(batch, cancellationToken)) return false;

        // The manifest may have been overwritten meanwhile: the report and all beside it are another run's then.
        var folder = isNewest ? $"{name.Value}/" : StoragePaths.BatchEndedFolder(name.Value, batch.Run);
        string[] last = [StoragePaths.BatchReport(name.Value), StoragePaths.BatchBeingDeleted(name.Value)];
        await foreach (var blob in account.Batches.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder, cancellationToken))
        {
            if (!last.Contains(blob.Name)) await account.Batches.GetBlobClient(blob.Name).TryDeleteAsync(blob.Properties.ETag, cancellationToken);
        }

        if (isNewest) await ProblemBlobs.DeleteAsync(account.Batches, name.Value, cancellationToken);
        if (isNewest && report is not null) await batches.DeleteReportAsync(name.Value, report.ETag, cancellationToken);
        await account.Batches.GetBlobClient(StoragePaths.BatchBeingDeleted(name.Value)).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        return true;
    }

    private async Task<BatchReport?> ReadBegunAsync(string name, CancellationToken cancellationToken) =>
        await batches.ReadDeletingAsync(name, cancellationToken) is { } begun
            ? begun.ValueOrNull ?? throw new UnreadableBatchException(StoragePaths.BatchBeingDeleted(name)) : null;

    private async Task<BatchReport?> BeginAsync(ManifestName name, CancellationToken cancellationToken)
    {
        BatchReport batch;
        if (await batches.ReadReportAsync(name.Value, cancellationToken) is { } report)
            batch = report.ValueOrNull ?? throw new UnreadableBatchException(StoragePaths.BatchReport(name.Value));
        else if (await batches.FindManifestAsync(name.Value, cancellationToken) is { } manifest)
            batch = new() { Manifest = name.Value, Run = name.RunOf(manifest), Created = time.GetUtcNow(), Accepted = [], Rejected = [] };
        else
            return null;
        await batches.WriteDeletingAsync(name.Value, batch, cancellationToken);
        return batch;
    }

    private async Task<bool> DeleteEditsAsync(BatchReport batch, CancellationToken cancellationToken)
    {
        var held = 0;
        await Parallel.ForEachAsync(
            batch.Accepted, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (line, token) =>
            {
                if (await edits.RequestAsync(line.EditId, isGivenUp: false, token) is not { } marked) return;
                if (!await edits.TryFinishAsync(marked, token, withBatch: true)) Interlocked.Increment(ref held);
            });
        return held == 0;
    }
}
