using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Queues;

/// <summary>Keeps one message hidden while its function runs. Each renewal gives a new pop receipt; only the newest is valid.</summary>
internal sealed partial class MessageLease(
    QueueClient queue, QueueMessage message, TimeSpan invisibility, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _renewing = Task.CompletedTask;

    /// <summary>The newest pop receipt. To be read after <see cref="DisposeAsync"/>.</summary>
    public string PopReceipt { get; private set; } = message.PopReceipt;

    /// <summary>Starts renewing.</summary>
    public void Start() => _renewing = RenewAsync(_stop.Token);

    /// <summary>Stops renewing; a renewal under way ends first, so that its receipt is known.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
    }

    private async Task RenewAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(invisibility / 2, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            try
            {
                var update = await queue.UpdateMessageAsync(
                    message.MessageId, PopReceipt, visibilityTimeout: invisibility, cancellationToken: CancellationToken.None);
                PopReceipt = update.Value.PopReceipt;
            }
            catch (RequestFailedException exception) when (QueueErrors.IsSomebodyElses(exception))
            {
                LogLost(logger, message.MessageId);
                return;
            }
            catch (Exception exception) when (exception is RequestFailedException or AggregateException or IOException or HttpRequestException)
            {
                LogNotRenewed(logger, message.MessageId, exception.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {Id} was taken by somebody else while its function ran")]
    private static partial void LogLost(ILogger logger, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {Id} could not be kept hidden: {Problem}")]
    private static partial void LogNotRenewed(ILogger logger, string id, string problem);
}
