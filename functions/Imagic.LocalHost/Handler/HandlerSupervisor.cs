using Imagic.LocalHost.App;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Handler;

/// <summary>Keeps one handler running: starts it, waits until it answers, starts another when it ends.</summary>
internal sealed partial class HandlerSupervisor(
    FunctionApp app, LocalHostOptions options, ILoggerFactory loggers, TimeProvider time) : IDisposable
{
    // The exit code with which a handler asks for a new start without a crash being counted.
    private const int RestartExitCode = 200;

    private readonly ILogger _logger = loggers.CreateLogger<HandlerSupervisor>();
    private readonly ILogger _handlerLogger = loggers.CreateLogger("Imagic.LocalHost.Handler");
    private readonly CrashCount _crashes = new(time);
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly Lock _lock = new();
    private volatile int _processId;
    private TaskCompletionSource<HandlerProcess> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The handler that answers now; null while there is none.</summary>
    public HandlerProcess? Current
    {
        get
        {
            lock (_lock) return _ready.Task is { IsCompletedSuccessfully: true } ready ? ready.Result : null;
        }
    }

    /// <summary>Process id of the handler that runs now, whether it answers yet or not.</summary>
    public int? ProcessId => _processId is not 0 and var id ? id : null;

    /// <summary>Waits until a handler answers.</summary>
    /// <exception cref="HandlerException">There will be none.</exception>
    public Task<HandlerProcess> ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return _ready.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Runs until told to stop.</summary>
    /// <param name="hostAddress">Where callers reach the host.</param>
    /// <param name="stop">Stop.</param>
    /// <exception cref="HandlerException">The handler crashed too often.</exception>
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
                    throw new HandlerException(
                        $"The handler of {app.Folder} failed {CrashCount.Limit} times within {CrashCount.Window.TotalMinutes:0} minutes, "
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

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // Why the handler crashed; null when it was to end.
    private async Task<string?> RunOnceAsync(Uri hostAddress, CancellationToken stop)
    {
        await using var handler = await HandlerProcess.StartAsync(app, options, hostAddress, _handlerLogger);
        _processId = handler.Id;
        var grace = TimeSpan.Zero;
        try
        {
            if (await handler.WaitReadyAsync(_client, options.HandlerReadyTimeout, time, stop) is { } problem) return problem;
            LogReady(_logger, handler.Id, handler.Address);
            lock (_lock) _ready.SetResult(handler);
            var ended = await Task.WhenAny(handler.Exited, handler.Replaced).WaitAsync(stop);
            if (ended == handler.Replaced)
            {
                LogReplaced(_logger, await handler.Replaced);
                return null;
            }

            var exitCode = await handler.Exited;
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

            await handler.StopAsync(grace, time);
            _processId = 0;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The handler (process {Id}) answers at {Address}")]
    private static partial void LogReady(ILogger logger, int id, Uri address);

    [LoggerMessage(Level = LogLevel.Error, Message = "The handler failed: {Crash}")]
    private static partial void LogCrash(ILogger logger, string crash);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The handler is started anew: {Reason}")]
    private static partial void LogReplaced(ILogger logger, string reason);
}
