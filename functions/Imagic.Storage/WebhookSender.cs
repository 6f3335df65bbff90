using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Webhooks;

namespace Imagic.Storage;

/// <summary>Puts on the queue what webhooks are to be told. Doing it again for the same end gives the same message.</summary>
public sealed class WebhookSender(StorageAccount account)
{
    /// <summary>Has the end of an edit told, if anybody wants to hear of it.</summary>
    public Task TellEndAsync(EditRecord record, CancellationToken cancellationToken) =>
        record.Webhook is null ? Task.CompletedTask : SendAsync(WebhookMessage.Of(record), TimeSpan.Zero, cancellationToken);

    /// <summary>Has the end of a batch told, if anybody wants to hear of it.</summary>
    public Task TellEndAsync(string batch, BatchReport report, BatchSummary summary, CancellationToken cancellationToken) =>
        report.Webhook is null ? Task.CompletedTask : SendAsync(WebhookMessage.Of(batch, summary), TimeSpan.Zero, cancellationToken);

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="delay">Time until the call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SendAsync(WebhookMessage message, TimeSpan delay, CancellationToken cancellationToken) =>
        account.Queues.GetQueueClient(StoragePaths.Webhooks).SendAsync(
            QueueText.Encode(JsonSerializer.SerializeToUtf8Bytes(message, ContractsJsonContext.Default.WebhookMessage)), delay, cancellationToken);
}
