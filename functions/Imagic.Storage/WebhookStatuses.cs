using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Webhooks;

namespace Imagic.Storage;

/// <summary>What became of telling ends to webhooks. Apart from the records, which are the workers'.</summary>
public sealed class WebhookStatuses(StorageAccount account)
{
    private readonly VersionedBlob<WebhookStatus> _edits = new(account.Edits, ContractsJsonContext.Default.WebhookStatus);
    private readonly VersionedBlob<WebhookStatus> _batches = new(account.Batches, ContractsJsonContext.Default.WebhookStatus);

    /// <summary>What became of a message; null when nothing has yet.</summary>
    public async Task<Stored<WebhookStatus>?> FindAsync(WebhookMessage message, CancellationToken cancellationToken) =>
        await ReadAsync(message, cancellationToken) is { } stored && stored.ValueOrNull?.Id == message.Id ? stored : null;

    /// <summary>What is there, be it of an earlier end.</summary>
    public Task<Stored<WebhookStatus>?> ReadAsync(WebhookMessage message, CancellationToken cancellationToken)
    {
        var (blobs, name) = PlaceOf(message);
        return blobs.ReadAsync(name, cancellationToken);
    }

    /// <summary>Keeps what became of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="view">What became of it.</param>
    /// <param name="before">What was read before. What somebody else wrote since then gives way only to what is final.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WriteAsync(WebhookMessage message, WebhookView view, Stored<WebhookStatus>? before, CancellationToken cancellationToken)
    {
        var (blobs, name) = PlaceOf(message);
        var status = new WebhookStatus(message.Id, view);
        if (status.IsFinal) await blobs.WriteAsync(name, status, cancellationToken);
        else if (before is null) await blobs.CreateAsync(name, status, cancellationToken);
        else await blobs.ReplaceAsync(name, status, before.ETag, cancellationToken);
    }

    private (VersionedBlob<WebhookStatus> Blobs, string Name) PlaceOf(WebhookMessage message) => message.EditId is { } id
        ? (_edits, StoragePaths.EditWebhook(id))
        : (_batches, StoragePaths.BatchWebhook(message.Batch!));
}
