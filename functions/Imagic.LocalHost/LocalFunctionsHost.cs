using Imagic.LocalHost.App;
using Imagic.LocalHost.EventGrid;
using Imagic.LocalHost.Handler;
using Imagic.LocalHost.Http;
using Imagic.LocalHost.Invocations;
using Imagic.LocalHost.Queues;
using Imagic.Runtime.Storage;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost;

/// <summary>
/// Stands in for the Functions host and for Event Grid on one machine: runs the custom handler of a function app,
/// brings it HTTP requests and queue messages, and turns new blobs into messages.
/// </summary>
public sealed partial class LocalFunctionsHost : IAsyncDisposable
{
    private readonly LocalHostOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpFrontEnd _http;
    private readonly HandlerSupervisor _handler;
    private readonly FunctionInvoker _invoker;

    // In this order: fetch nothing more; give up what runs; end the handler.
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _end = new();

    private Task _handling = Task.CompletedTask;
    private Task _listening = Task.CompletedTask;
    private bool _isDisposed;

    private LocalFunctionsHost(
        LocalHostOptions options, HttpFrontEnd http, HandlerSupervisor handler, FunctionInvoker invoker, ILogger logger, TimeProvider time) =>
        (_options, _http, _handler, _invoker, _logger, _time) = (options, http, handler, invoker, logger, time);

    /// <summary>Where it answers.</summary>
    public Uri Address => _http.Address;

    /// <summary>Ends when the host has been disposed; fails when the handler does not stay alive.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Process id of the handler; null while there is none.</summary>
    public int? HandlerProcessId => _handler.ProcessId;

    /// <summary>Starts everything and waits until the handler answers.</summary>
    /// <exception cref="FunctionAppException">The app cannot be run here.</exception>
    /// <exception cref="HandlerException">The handler does not start.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<LocalFunctionsHost> StartAsync(
        LocalHostOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var app = FunctionApp.Load(options.AppFolder, new(options.Settings));
        var account = new StorageAccount(options.Storage);
        await account.EnsureCreatedAsync(cancellationToken);
        var handler = new HandlerSupervisor(app, options, loggers, time);
        var invoker = new FunctionInvoker(handler, app.Host.FunctionTimeout, time, loggers.CreateLogger<FunctionInvoker>());
        HttpFrontEnd http;
        try
        {
            http = await HttpFrontEnd.StartAsync(options.Port, app, handler, invoker, loggers, time, cancellationToken);
        }
        catch
        {
            invoker.Dispose();
            handler.Dispose();
            throw;
        }

        var host = new LocalFunctionsHost(options, http, handler, invoker, loggers.CreateLogger<LocalFunctionsHost>(), time);
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

    /// <summary>Stops in good order: no new work, time for the work under way, then the handler.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await _stop.CancelAsync();
        _abort.CancelAfter(_options.StopGrace);
        await _http.StopAsync(_options.StopGrace);
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _end.CancelAsync();
        await _handling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _http.DisposeAsync();
        _invoker.Dispose();
        _handler.Dispose();
        _stop.Dispose();
        _abort.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync(FunctionApp app, StorageAccount account, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        _handling = _handler.RunAsync(_http.Address, _end.Token);
        await _handler.ReadyAsync(cancellationToken);
        var events = new BlobEventSource(account, _options.EventPollInterval, _time, loggers.CreateLogger<BlobEventSource>());
        _listening = Task.WhenAll(
        [
            events.RunAsync(_stop.Token),
            .. app.Functions.OfType<QueueFunction>().Select(function => new QueueListener(
                    function, account.Queues, app.Host.Queues, _options.MessageInvisibility, _invoker, _time, loggers.CreateLogger<QueueListener>())
                .RunAsync(_stop.Token, _abort.Token)),
        ]);
        Completion = CompleteAsync();
        LogStarted(_logger, app.Functions.Count, app.Folder, Address);
    }

    // Whichever fails first takes the rest along.
    private async Task CompleteAsync()
    {
        var parts = new[] { _handling, _listening };
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
