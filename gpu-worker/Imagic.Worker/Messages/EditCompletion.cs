using Azure;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Storage;
using Imagic.Worker.Batches;

namespace Imagic.Worker.Messages;

/// <summary>What is left to do once an edit has ended; all of it may be done again.</summary>
internal sealed class EditCompletion(
    StorageAccount account, EditRecords records, EditIndex index, TuningStore tunings, BatchCompletion batches, EditDeletion deletion,
    WebhookSender webhooks, TimeProvider time)
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);

    /// <summary>Tells the lists and the webhook, removes what nobody needs and tells the batch. An edit that is to be deleted is removed then.</summary>
    public async Task ConcludeAsync(Stored<EditRecord> ended, CancellationToken cancellationToken)
    {
        var record = ended.Value;
        if (!record.DeleteRequested)
        {
            await index.WriteAsync(record, cancellationToken);
            await webhooks.TellEndAsync(record, cancellationToken);
            await CleanAsync(record, cancellationToken);
        }

        if (record.Batch is { } line) await batches.MarkEndedAsync(line, record, cancellationToken);
        // Somebody may have asked for it, or done it, meanwhile.
        switch (record.DeleteRequested ? ended : await records.ReadAsync(record.EditId, cancellationToken))
        {
            case null:
                await index.DeleteAsync(StoragePaths.IndexEntry(StoragePaths.AllEdits, record.Created, record.EditId), cancellationToken);
                break;
            case { Value: { DeleteRequested: true } now } marked when now.HasEnded():
                await deletion.RemoveAsync(marked, cancellationToken);
                break;
        }
    }

    /// <summary>Removes what a worker has written of an edit that was deleted meanwhile.</summary>
    public Task RemoveRestAsync(EditId id, CancellationToken cancellationToken) => deletion.RemoveRestAsync(id, cancellationToken);

    /// <summary>Removes the picture of an edit that was never started; a younger one may be of a start at this moment.</summary>
    public async Task DiscardAsync(EditId id, CancellationToken cancellationToken)
    {
        try
        {
            await account.Edits.GetBlobClient(StoragePaths.Source(id)).DeleteIfExistsAsync(
                conditions: new() { IfUnmodifiedSince = time.GetUtcNow() - LongestStart }, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.IsConflict())
        {
            // The sweep removes it, if nobody else does.
        }
    }

    // Besides superseded checkpoints there may be what a worker left that died while it wrote.
    private async Task CleanAsync(EditRecord record, CancellationToken cancellationToken)
    {
        await tunings.ReleaseAsync(record.EditId, record.KeptTunings(), cancellationToken);
        List<string> kept =
        [
            StoragePaths.Record(record.EditId), StoragePaths.Source(record.EditId), StoragePaths.EditWebhook(record.EditId),
            StoragePaths.EditTunings(record.EditId), $"{record.EditId}/{StoragePaths.Previews}",
        ];
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
