using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Imagic.Contracts;
using Imagic.LocalHost.App;
using Imagic.LocalHost.Invocations;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Queues;

/// <summary>Watches the queue of one function.</summary>
internal sealed partial class QueueListener
{
    // Longer names are no queue names.
    private const int LongestQueueName = 63;

    private readonly QueueClient _queue;
    private readonly QueueSettings _settings;
    private readonly TimeSpan _invisibility;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly QueueDelivery _delivery;
    private readonly PollingBackoff _backoff;

    /// <summary>Makes a listener.</summary>
    public QueueListener(
        QueueFunction function, QueueServiceClient queues, QueueSettings settings, TimeSpan invisibility, FunctionInvoker invoker,
        TimeProvider time, ILogger logger)
    {
        (_settings, _invisibility, _time, _logger) = (settings, invisibility, time, logger);
        _queue = queues.GetQueueClient(function.Queue);
        var poisonName = function.Queue + StoragePaths.PoisonSuffix;
        var poison = function.Queue.EndsWith(StoragePaths.PoisonSuffix, StringComparison.Ordinal) || poisonName.Length > LongestQueueName
            ? null
            : queues.GetQueueClient(poisonName);
        _delivery = new(function, _queue, poison, settings, invisibility, invoker, time, logger);
        _backoff = new(settings.MaxPollingInterval, new());
    }

    /// <summary>Runs until told to stop, and then until the functions that run have ended.</summary>
    /// <param name="stop">Fetch no more.</param>
    /// <param name="abort">Give up the functions that run.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        var running = new HashSet<Task>();
        while (!stop.IsCancellationRequested)
        {
            running.RemoveWhere(task => task.IsCompleted);
            if (running.Count > _settings.EffectiveNewBatchThreshold)
            {
                await Task.WhenAny([.. running, Task.Delay(Timeout.InfiniteTimeSpan, stop)]);
                continue;
            }

            var messages = await ReceiveAsync(stop);
            foreach (var message in messages) running.Add(_delivery.DeliverAsync(message, abort));
            if (messages.Length > 0)
                _backoff.Reset();
            else
                await Task.Delay(_backoff.Next(), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running);
    }

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken stop)
    {
        try
        {
            // Not cancelled by the stop: messages that are received but not known here would stay hidden.
            return (await _queue.ReceiveMessagesAsync(_settings.BatchSize, _invisibility, CancellationToken.None)).Value;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return [];
        }
        catch (Exception exception) when (exception is RequestFailedException or AggregateException or IOException or HttpRequestException)
        {
            if (!stop.IsCancellationRequested) LogUnreachable(_logger, _queue.Name, exception.Message);
            return [];
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue {Queue} cannot be read: {Problem}")]
    private static partial void LogUnreachable(ILogger logger, string queue, string problem);
}
