using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Imagic.Contracts;
using Imagic.Storage;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Leases;

/// <summary>
/// A queue message while this worker has it: hidden from others, and renewed until it is given back or deleted. When
/// the worker dies it comes back by itself.
/// </summary>
internal sealed partial class MessageLease : IAsyncDisposable
{
    private readonly QueueClient _queue;
    private readonly QueueClient _poison;
    private readonly TimeSpan _visibility;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopRenewing = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _renewing;
    private string _popReceipt;

    private MessageLease(QueueClient queue, QueueClient poison, QueueMessage message, TimeSpan visibility, TimeProvider time, ILogger logger)
    {
        (_queue, _poison, _visibility, _time, _logger, _popReceipt) = (queue, poison, visibility, time, logger, message.PopReceipt);
        (Id, Body, DequeueCount) = (message.MessageId, message.Body.ToString(), message.DequeueCount);
        _renewing = RenewAsync();
    }

    /// <summary>Id of the message; it stays the same when it comes back.</summary>
    public string Id { get; }

    /// <summary>Its text as it lies on the queue.</summary>
    public string Body { get; }

    public long DequeueCount { get; }

    /// <summary>Cancelled once the message cannot be renewed any more: others see it, now or soon.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Takes the next message of a queue; null when there is none.</summary>
    /// <param name="queues">The queue service.</param>
    /// <param name="queue">Name of the queue.</param>
    /// <param name="visibility">How long others do not see it; renewed every third of that.</param>
    /// <param name="time">Times the renewals.</param>
    /// <param name="logger">Logs renewals that fail.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<MessageLease?> ReceiveAsync(
        QueueServiceClient queues, string queue, TimeSpan visibility, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var client = queues.GetQueueClient(queue);
        var answer = await client.ReceiveMessageAsync(visibility, cancellationToken);
        return answer.Value is { } message
            ? new(client, queues.GetQueueClient(queue + StoragePaths.PoisonSuffix), message, visibility, time, logger)
            : null;
    }

    /// <summary>Gives it back: others see it after <paramref name="delay"/>.</summary>
    public async Task ReleaseAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        await StopRenewingAsync();
        await TolerateLossAsync(() => _queue.UpdateMessageAsync(Id, _popReceipt, visibilityTimeout: delay, cancellationToken: cancellationToken));
    }

    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        await StopRenewingAsync();
        await TolerateLossAsync(() => _queue.DeleteMessageAsync(Id, _popReceipt, cancellationToken));
    }

    /// <summary>Moves it to the poison queue, where it waits for a person.</summary>
    public async Task PoisonAsync(CancellationToken cancellationToken)
    {
        await _poison.SendAsync(Body, cancellationToken);
        await DeleteAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await StopRenewingAsync();
        _stopRenewing.Dispose();
        _lost.Dispose();
    }

    private async Task StopRenewingAsync()
    {
        await _stopRenewing.CancelAsync();
        await _renewing;
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(_visibility / 3, _time);
        var renewed = _time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(_stopRenewing.Token))
            {
                try
                {
                    // Not under the token: a renewal that is given up half-way leaves nobody knowing the pop receipt.
                    var answer = await _queue.UpdateMessageAsync(Id, _popReceipt, visibilityTimeout: _visibility, cancellationToken: CancellationToken.None);
                    (_popReceipt, renewed) = (answer.Value.PopReceipt, _time.GetTimestamp());
                }
                catch (Exception exception) when (StorageErrors.IsStorageError(exception))
                {
                    var isTaken = exception is RequestFailedException failed && failed.IsReceiptLost();
                    if (!isTaken && _time.GetElapsedTime(renewed) < _visibility)
                    {
                        NotRenewed(_logger, Id, Failure.FirstLine(exception));
                        continue;
                    }

                    await _lost.CancelAsync();
                    LeaseLost(_logger, Id, Failure.FirstLine(exception));
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // asked to stop
        }
    }

    private static async Task TolerateLossAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RequestFailedException exception) when (exception.IsReceiptLost())
        {
            // It will come once more, and then be found done.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "message {MessageId} could not be renewed, another try follows: {Why}")]
    private static partial void NotRenewed(ILogger logger, string messageId, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "message {MessageId} is lost, it cannot be renewed any more: {Why}")]
    private static partial void LeaseLost(ILogger logger, string messageId, string why);
}
