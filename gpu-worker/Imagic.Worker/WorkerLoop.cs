using Imagic.Contracts;
using Imagic.Diffusion;
using Imagic.Storage;
using Imagic.Storage.Resilience;
using Imagic.Worker.Leases;
using Imagic.Worker.Messages;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly;

namespace Imagic.Worker;

/// <summary>
/// Takes stage messages from queues, one at a time, until it is told to stop. Later stages are asked for first, so that
/// edits which have begun come to their end.
/// </summary>
internal sealed partial class WorkerLoop(
    StorageAccount account, WorkerOptions options, MessageHandler handler, IHostApplicationLifetime lifetime,
    TimeProvider time, ILogger<WorkerLoop> logger) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly ResiliencePipeline _retry = options.Once
        ? ResiliencePipeline.Empty
        : ResiliencePipelines.Outage(time, options.PollInterval, exception => StorageAway(logger, exception));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            TorchLibrary.Load(options.Compute.Threads);
            Ready(logger, options.Name, string.Join(", ", options.Stages.Select(stage => stage.Name())));
            // Heard at once: the token of a background service follows only when the host gets to it, steps later on a busy machine.
            await HandleAllAsync(lifetime.ApplicationStopping);
            Stopped(logger, options.Name);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private async Task HandleAllAsync(CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource();
        await using var onStop = stop.Register(() => deadline.CancelAfter(options.StopWithin));
        var pause = ShortestPause;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                // A message that was being handled when storage went away comes back by itself.
                var handled = await _retry.ExecuteAsync(
                    static async (call, _) => await call.worker.HandleOneAsync(call.stop, call.deadline),
                    (worker: this, stop, deadline: deadline.Token), stop);
                if (options.Once) return;
                if (handled)
                {
                    pause = ShortestPause;
                    continue;
                }

                await Task.Delay(pause, time, stop);
                pause = pause * 1.5 < options.PollInterval ? pause * 1.5 : options.PollInterval;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // asked to stop
        }
    }

    private async Task<bool> HandleOneAsync(CancellationToken stop, CancellationToken deadline)
    {
        foreach (var stage in options.Stages)
        {
            var queue = StoragePaths.StageQueue(stage);
            // Not under the stop token: a message that is received and not noticed stays hidden.
            await using var message = await MessageLease.ReceiveAsync(account.Queues, queue, options.Visibility, time, logger, deadline);
            if (message is null) continue;
            await handler.HandleAsync(message, queue, stop, deadline);
            return true;
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "worker {Worker} waits for messages of {Stages}")]
    private static partial void Ready(ILogger logger, string worker, string stages);

    [LoggerMessage(Level = LogLevel.Information, Message = "worker {Worker} has stopped")]
    private static partial void Stopped(ILogger logger, string worker);

    [LoggerMessage(Level = LogLevel.Error, Message = "storage did not answer as expected; the worker tries again")]
    private static partial void StorageAway(ILogger logger, Exception exception);
}
