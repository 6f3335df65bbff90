using Imagic.Contracts;
using Imagic.Diffusion;
using Imagic.Editing;
using Imagic.Editing.Stages;
using Imagic.Storage;
using Imagic.Storage.Resilience;
using Imagic.Worker.Batches;
using Imagic.Worker.Leases;
using Imagic.Worker.Models;
using Imagic.Worker.Stages;
using Microsoft.Extensions.Logging;
using Polly;

namespace Imagic.Worker;

/// <summary>
/// A worker: takes stage messages from queues, one at a time, until it is told to stop. Later stages are asked for first,
/// so that edits which have begun come to their end.
/// </summary>
public sealed partial class WorkerLoop : IDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly StorageAccount _account;
    private readonly WorkerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ModelLibrary _library;
    private readonly MessageHandler _handler;
    private readonly ResiliencePipeline _retry;

    /// <summary>Makes a worker.</summary>
    /// <param name="account">Where edits and queues are.</param>
    /// <param name="options">How it works.</param>
    /// <param name="time">Times renewals, reports and checkpoints.</param>
    /// <param name="logger">Hears what happens.</param>
    public WorkerLoop(StorageAccount account, WorkerOptions options, TimeProvider time, ILogger logger)
        : this(account, options, time, logger, observer: null)
    {
    }

    // The observer hears all that stages tell, on the computing thread.
    internal WorkerLoop(StorageAccount account, WorkerOptions options, TimeProvider time, ILogger logger, IProgress<StageEvent>? observer)
    {
        options.Validate();
        (_account, _options, _time, _logger) = (account, options, time, logger);
        _library = new(account, options, time, logger);
        _retry = options.Once
            ? ResiliencePipeline.Empty
            : ResiliencePipelines.Outage(time, options.PollInterval, exception => StorageAway(logger, exception));
        var records = new EditRecords(account);
        _handler = new(
            records, new(account), new(account, _library, options, observer, time, logger),
            new(account, new(account, records, time)), options, time, logger);
    }

    /// <summary>Works.</summary>
    /// <param name="stop">
    /// Stops: the current step is finished, a checkpoint is written, the message is given back, all within
    /// <see cref="WorkerOptions.StopWithin"/>.
    /// </param>
    public async Task RunAsync(CancellationToken stop)
    {
        TorchLibrary.Load(_options.Threads);
        using var deadline = new CancellationTokenSource();
        await using var onStop = stop.Register(() => deadline.CancelAfter(_options.StopWithin));
        Ready(_logger, _options.Name, string.Join(", ", _options.Stages.Select(stage => stage.Name())));
        var pause = ShortestPause;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                // A message that was being handled when storage went away comes back by itself.
                var handled = await _retry.ExecuteAsync(
                    static async (call, _) => await call.worker.HandleOneAsync(call.stop, call.deadline),
                    (worker: this, stop, deadline: deadline.Token), stop);
                if (_options.Once) break;
                if (handled)
                {
                    pause = ShortestPause;
                    continue;
                }

                await Task.Delay(pause, _time, stop);
                pause = pause * 1.5 < _options.PollInterval ? pause * 1.5 : _options.PollInterval;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // asked to stop
        }

        Stopped(_logger, _options.Name);
    }

    /// <inheritdoc/>
    public void Dispose() => _library.Dispose();

    private async Task<bool> HandleOneAsync(CancellationToken stop, CancellationToken deadline)
    {
        foreach (var stage in _options.Stages)
        {
            var queue = StoragePaths.StageQueue(stage);
            // Not under the stop token: a message that is received and not noticed stays hidden.
            await using var held = await MessageLease.ReceiveAsync(_account.Queues, queue, _options.Visibility, _time, deadline);
            if (held is null) continue;
            await _handler.HandleAsync(held, queue, stop, deadline);
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
