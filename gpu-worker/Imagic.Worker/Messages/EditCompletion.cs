using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Storage;
using Imagic.Worker.Batches;

namespace Imagic.Worker.Messages;

/// <summary>What is left to do once an edit has ended; all of it may be done again.</summary>
internal sealed class EditCompletion(StorageAccount account, EditIndex index, BatchCompletion batches)
{
    /// <summary>Tells the lists, removes what nobody needs and tells the batch.</summary>
    public async Task ConcludeAsync(EditRecord record, CancellationToken cancellationToken)
    {
        await index.WriteAsync(record, cancellationToken);
        await CleanAsync(record, cancellationToken);
        if (record.Batch is { } line) await batches.MarkEndedAsync(line, record, cancellationToken);
    }

    /// <summary>Removes the picture of an edit that was never started.</summary>
    public Task DiscardAsync(EditId id, CancellationToken cancellationToken) =>
        account.Edits.GetBlobClient(StoragePaths.Source(id)).DeleteIfExistsAsync(cancellationToken: cancellationToken);

    // Besides superseded checkpoints there may be what a worker left that died while it wrote.
    private async Task CleanAsync(EditRecord record, CancellationToken cancellationToken)
    {
        List<string> kept = [StoragePaths.Record(record.EditId), StoragePaths.Source(record.EditId), $"{record.EditId}/previews/"];
        if (record.State == EditState.Succeeded)
        {
            kept.Add($"{record.EditId}/{record.Results}/");
            // With the stages' results other strengths could be rendered without tuning again.
            kept.AddRange(record.Stages.Where(stage => stage.Done).Select(stage => $"{record.EditId}/{stage.Checkpoint}/"));
        }

        await foreach (var blob in account.Edits.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{record.EditId}/", cancellationToken))
        {
            if (!kept.Exists(prefix => blob.Name.StartsWith(prefix, StringComparison.Ordinal)))
                await account.Edits.GetBlobClient(blob.Name).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }
    }
}
