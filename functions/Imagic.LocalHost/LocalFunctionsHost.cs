using Imagic.LocalHost.EventGrid;
using Imagic.LocalHost.FunctionRpc;
using Imagic.LocalHost.Http;
using Imagic.LocalHost.Queues;
using Imagic.LocalHost.Timers;
using Imagic.Storage;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost;

/// <summary>
/// Stands in for the Functions host and for Event Grid on one machine: runs the isolated worker of a function app,
/// brings it HTTP requests, queue messages and the time, and turns new blobs into messages.
/// </summary>
public sealed partial class LocalFunctionsHost : IAsyncDisposable
{
    private readonly LocalHostOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpFrontEnd _http;
    private readonly WorkerSupervisor _workers;

    // In this order: fetch nothing more; give up what runs; end the worker.
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _end = new();

    private Task _working = Task.CompletedTask;
    private Task _listening = Task.CompletedTask;
    private bool _isDisposed;

    private LocalFunctionsHost(
        LocalHostOptions options, HttpFrontEnd http, WorkerSupervisor workers, ILogger logger, TimeProvider time) =>
        (_options, _http, _workers, _logger, _time) = (options, http, workers, logger, time);

    /// <summary>Where it answers.</summary>
    public Uri Address => _http.Address;

    /// <summary>Ends when the host has been disposed; fails when the worker does not stay alive.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Process id of the worker; null while there is none.</summary>
    public int? WorkerProcessId => _workers.ProcessId;

    /// <summary>Starts everything and waits until the worker answers.</summary>
    /// <exception cref="FunctionAppException">The app cannot be run here.</exception>
    /// <exception cref="FunctionAppException">The worker does not start.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<LocalFunctionsHost> StartAsync(
        LocalHostOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var app = FunctionApp.Load(options.AppFolder);
        var account = new StorageAccount(options.Storage);
        await account.EnsureCreatedAsync(cancellationToken);
        var workers = new WorkerSupervisor(app, options, loggers, time);
        var http = await HttpFrontEnd.StartAsync(options.Port, workers, loggers, cancellationToken);
        var host = new LocalFunctionsHost(options, http, workers, loggers.CreateLogger<LocalFunctionsHost>(), time);
        try
        {
            await host.RunAsync(app, account, loggers, cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops in good order: no new work, time for the work under way, then the worker.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await _stop.CancelAsync();
        _abort.CancelAfter(_options.StopGrace);
        await _http.StopAsync(_options.StopGrace);
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _end.CancelAsync();
        await _working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _http.DisposeAsync();
        _stop.Dispose();
        _abort.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync(FunctionApp app, StorageAccount account, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        _working = _workers.RunAsync(_http.Address, _end.Token);
        var worker = await _workers.ReadyAsync(cancellationToken);
        _http.Serve(worker.Functions.OfType<HttpFunction>(), app.RoutePrefix);
        var events = new BlobEventSource(account, _options.EventPollInterval, _time, loggers.CreateLogger<BlobEventSource>());
        _listening = Task.WhenAll(
        [
            events.RunAsync(_stop.Token),
            .. worker.Functions.OfType<QueueFunction>().Select(function =>
                new QueueListener(function, app, _options.Storage, _workers, loggers, _time).RunAsync(_stop.Token, _abort.Token)),
            .. worker.Functions.OfType<TimerFunction>().Select(function =>
                new TimerLoop(function, _workers, loggers.CreateLogger<TimerLoop>(), _time).RunAsync(_stop.Token, _abort.Token)),
        ]);
        Completion = CompleteAsync();
        LogStarted(_logger, worker.Functions.Count, app.Folder, Address);
    }

    // Whichever fails first takes the rest along.
    private async Task CompleteAsync()
    {
        var parts = new[] { _working, _listening };
        await foreach (var part in Task.WhenEach(parts))
        {
            if (!part.IsFaulted) continue;
            await _stop.CancelAsync();
            await _abort.CancelAsync();
            await _end.CancelAsync();
            break;
        }

        await Task.WhenAll(parts);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} functions of {Folder} at {Address}")]
    private static partial void LogStarted(ILogger logger, int count, string folder, Uri address);
}
