using Azure.Storage.Queues.Models;
using Imagic.LocalHost;
using Imagic.LocalHost.FunctionRpc;
using Imagic.LocalHost.Http;
using Imagic.LocalHost.Queues;
using Imagic.LocalHost.Timers;
using Imagic.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Functions.Tests;

/// <summary>The local host without its queue listeners: a test says when a message comes.</summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly WorkerSupervisor _workers;
    private readonly HttpFrontEnd _http;
    private readonly Task _running;

    private FunctionsHost(WorkerSupervisor workers, HttpFrontEnd http)
    {
        (_workers, _http) = (workers, http);
        _running = workers.RunAsync(http.Address, _end.Token);
    }

    /// <summary>Folder of the built app; the tests have it beside their own.</summary>
    public static string AppFolder { get; } = Path.Combine(
        Path.GetDirectoryName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!, "Imagic.Functions",
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));

    public Uri Address => _http.Address;

    /// <summary>What the worker says its functions are.</summary>
    public IReadOnlyList<FunctionDefinition> Functions => _workers.Current!.Functions;

    /// <summary>Starts the app and waits until all functions are loaded.</summary>
    public static async Task<FunctionsHost> StartAsync(
        StorageOptions storage, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var options = new LocalHostOptions
        {
            AppFolder = AppFolder, Storage = storage, Settings = settings, WorkerReadyTimeout = TimeSpan.FromSeconds(60),
        };
        var loggers = NullLoggerFactory.Instance;
        var app = Imagic.LocalHost.FunctionRpc.FunctionApp.Load(AppFolder);
        var workers = new WorkerSupervisor(app, options, loggers, TimeProvider.System);
        var host = new FunctionsHost(workers, await HttpFrontEnd.StartAsync(0, workers, loggers, cancellationToken));
        var worker = await workers.ReadyAsync(cancellationToken);
        host._http.Serve(worker.Functions.OfType<HttpFunction>(), app.RoutePrefix);
        return host;
    }

    /// <summary>Brings a message of a queue to a function; says why it failed, null when it did not.</summary>
    public Task<string?> InvokeAsync(string function, string text, string? traceParent, CancellationToken cancellationToken)
    {
        var inserted = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var message = QueuesModelFactory.QueueMessage(
            Guid.NewGuid().ToString("D"), "receipt", text, 1, inserted.AddMinutes(10), inserted, inserted.AddDays(7));
        var target = Functions.OfType<QueueFunction>().Single(one => one.Name == function);
        return _workers.Current!.InvokeAsync(target, MessageHandler.Describe(target, message, traceParent), cancellationToken);
    }

    /// <summary>Runs a function as if its time had come.</summary>
    public Task<string?> InvokeTimerAsync(string function, CancellationToken cancellationToken)
    {
        var target = Functions.OfType<TimerFunction>().Single(one => one.Name == function);
        return _workers.Current!.InvokeAsync(target, TimerLoop.Describe(target, null), cancellationToken);
    }

    /// <summary>Asks the app to end, and says with which code it does.</summary>
    public Task<int> StopAsync() => _workers.Current!.StopAsync(TimeSpan.FromSeconds(20));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _http.DisposeAsync();
        _end.Dispose();
    }
}
