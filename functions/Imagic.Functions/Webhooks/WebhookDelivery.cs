using System.Net;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Webhooks;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Webhooks;

namespace Imagic.Functions.Webhooks;

/// <summary>
/// Tells an end to its webhook: at least once, and normally not twice. The message of the next call is sent before what
/// became of this one is written, so that it may end anywhere in between.
/// </summary>
internal sealed class WebhookDelivery(
    EditRecords records, BatchStore batches, WebhookStatuses statuses, WebhookSender sender, WebhookCaller caller,
    FunctionsOptions options, TimeProvider time)
{
    /// <summary>Does what a message asks for.</summary>
    /// <returns>A sentence on what came of it.</returns>
    public async Task<string> DeliverAsync(WebhookMessage message, CancellationToken cancellationToken)
    {
        if (await FindAsync(message, cancellationToken) is not var (url, payload)) return "What it tells of is gone, or goes on.";
        var before = await statuses.ReadAsync(message, cancellationToken);
        if (before?.ValueOrNull is { } status && status.Id == message.Id && (status.IsFinal || status.View.Tries > message.Tries))
            return "Another message has done it.";

        var answer = await caller.CallAsync(url, message.Id, payload, wantsBody: false, cancellationToken);
        var view = new WebhookView(url) { Tries = message.Tries + 1, LastStatus = answer.Status, LastProblem = answer.Problem };
        if (answer.IsSuccess)
        {
            view = view with { DeliveredAt = time.GetUtcNow() };
        }
        else if (answer.Status == (int)HttpStatusCode.Gone)
        {
            view = view with { GaveUp = "gone" };
        }
        else if (WebhookSchedule.After(message.Id, view.Tries, answer.RetryAfter) is { } delay)
        {
            await sender.SendAsync(message with { Tries = view.Tries }, delay, cancellationToken);
            view = view with { NextTry = time.GetUtcNow() + delay };
        }
        else
        {
            view = view with { GaveUp = "tries" };
        }

        await statuses.WriteAsync(message, view, before, cancellationToken);
        return $"Call {view.Tries}: {answer.Status?.ToString() ?? answer.Problem}";
    }

    private async Task<(string Url, string Payload)?> FindAsync(WebhookMessage message, CancellationToken cancellationToken)
    {
        if (message.EditId is { } id)
        {
            return (await records.ReadAsync(id, cancellationToken))?.Value is { Webhook: { } url } record && record.HasEnded() && WebhookMessage.Of(record).Id == message.Id
                ? (url, PayloadOf(record))
                : null;
        }

        var report = (await batches.ReadReportAsync(message.Batch!, cancellationToken))?.ValueOrNull;
        var summary = (await batches.ReadSummaryAsync(message.Batch!, cancellationToken))?.ValueOrNull;
        return report?.Webhook is { } batchUrl && summary?.Run == report.Run && WebhookMessage.Of(message.Batch!, summary).Id == message.Id
            ? (batchUrl, PayloadOf(message.Batch!, summary))
            : null;
    }

    // The same on every call: what became of calls is not in it.
    private string PayloadOf(EditRecord record)
    {
        var self = $"{options.Address}/api/edits/{record.EditId}";
        return JsonSerializer.Serialize(
            new(
                WebhookTypes.Of(record.State), record.Ended ?? record.Created, EditView.Of(record) with { Webhook = null },
                new(self, record.State == EditState.Succeeded ? $"{self}/results" : null)),
            ContractsJsonContext.Default.WebhookEventEditView);
    }

    // Its lines would make it as large as the batch.
    private string PayloadOf(string batch, BatchSummary summary)
    {
        var self = $"{options.Address}/api/batches/{Uri.EscapeDataString(batch)}";
        return JsonSerializer.Serialize(
            new(WebhookTypes.BatchCompleted, summary.Ended, summary with { Edits = [] }, new(self, summary.Edits.IsEmpty ? null : $"{self}/contact-sheet")),
            ContractsJsonContext.Default.WebhookEventBatchSummary);
    }
}
