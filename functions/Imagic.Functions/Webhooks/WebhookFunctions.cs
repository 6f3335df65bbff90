using Azure.Storage.Queues.Models;
using Imagic.Contracts;
using Imagic.Contracts.Webhooks;
using Imagic.Storage;

namespace Imagic.Functions.Webhooks;

/// <summary>Calls webhooks. A call that fails is no failure of its message, which is followed by another one.</summary>
internal sealed partial class WebhookFunctions(WebhookDelivery delivery, ILogger<WebhookFunctions> logger)
{
    [Function("OnWebhook")]
    public async Task OnWebhookAsync(
        [QueueTrigger(StoragePaths.Webhooks, Connection = StorageOptions.Connection)] QueueMessage queued, CancellationToken cancellationToken)
    {
        var message = Versioning.Read(QueueText.Decode(queued.Body.ToString()), ContractsJsonContext.Default.WebhookMessage, "The message");
        LogOutcome(message.Id, message.EditId?.Value ?? message.Batch!, await delivery.DeliverAsync(message, cancellationToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Webhook {Id} of {Name}: {Outcome}")]
    private partial void LogOutcome(string id, string name, string outcome);
}
