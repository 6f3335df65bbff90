using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.FunctionRpc;

/// <summary>Keeps one worker running: starts it, waits until its functions are loaded, starts another when it ends.</summary>
internal sealed partial class WorkerSupervisor(
    FunctionApp app, LocalHostOptions options, ILoggerFactory loggers, TimeProvider time)
{
    // The exit code with which a worker asks for a new start without a crash being counted.
    private const int RestartExitCode = 200;

    private readonly ILogger _logger = loggers.CreateLogger<WorkerSupervisor>();
    private readonly CrashCount _crashes = new(time);
    private readonly Lock _lock = new();
    private volatile int _processId;
    private TaskCompletionSource<WorkerProcess> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The worker that answers now; null while there is none.</summary>
    public WorkerProcess? Current
    {
        get
        {
            lock (_lock) return _ready.Task is { IsCompletedSuccessfully: true } ready ? ready.Result : null;
        }
    }

    /// <summary>Process id of the worker that runs now, whether it answers yet or not.</summary>
    public int? ProcessId => _processId is not 0 and var id ? id : null;

    /// <summary>Waits until a worker answers.</summary>
    /// <exception cref="FunctionAppException">There will be none.</exception>
    public Task<WorkerProcess> ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return _ready.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Runs until told to stop.</summary>
    /// <param name="hostAddress">Where callers reach the host.</param>
    /// <param name="stop">Stop.</param>
    /// <exception cref="FunctionAppException">The worker crashed too often.</exception>
    public async Task RunAsync(Uri hostAddress, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                if (await RunOnceAsync(hostAddress, stop) is not { } crash) continue;
                LogCrash(_logger, crash);
                if (_crashes.Add())
                {
                    throw new FunctionAppException(
                        $"The worker of {app.Folder} failed {CrashCount.Limit} times within {CrashCount.Window.TotalMinutes:0} minutes, "
                        + $"so the host gives up. The last time {crash}. Its own messages are in the log above.");
                }
            }

            stop.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            lock (_lock) _ready.TrySetCanceled(stop);
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                if (_ready.Task.IsCompleted) _ready = new();
                _ready.SetException(exception);
                _ = _ready.Task.Exception; // It may be that nobody waits.
            }

            throw;
        }
    }

    // Why the worker crashed; null when it was to end.
    private async Task<string?> RunOnceAsync(Uri hostAddress, CancellationToken stop)
    {
        await using var worker = await WorkerProcess.StartAsync(app, options, hostAddress, loggers, time, stop);
        _processId = worker.Id;
        var grace = TimeSpan.Zero;
        try
        {
            if (await worker.LoadAsync(options.WorkerReadyTimeout, stop) is { } problem) return problem;
            LogReady(_logger, worker.Id, worker.Address);
            lock (_lock) _ready.SetResult(worker);
            var ended = await Task.WhenAny(worker.Exited, worker.Replaced).WaitAsync(stop);
            if (ended == worker.Replaced)
            {
                LogReplaced(_logger, await worker.Replaced);
                return null;
            }

            var exitCode = await worker.Exited;
            return exitCode == RestartExitCode ? null : $"it ended with exit code {exitCode}";
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            grace = options.StopGrace;
            throw;
        }
        finally
        {
            lock (_lock)
            {
                if (_ready.Task.IsCompleted) _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            await worker.StopAsync(grace);
            _processId = 0;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The worker (process {Id}) answers at {Address}")]
    private static partial void LogReady(ILogger logger, int id, Uri address);

    [LoggerMessage(Level = LogLevel.Error, Message = "The worker failed: {Crash}")]
    private static partial void LogCrash(ILogger logger, string crash);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The worker is started anew: {Reason}")]
    private static partial void LogReplaced(ILogger logger, string reason);
}
