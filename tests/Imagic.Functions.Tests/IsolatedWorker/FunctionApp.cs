using System.Collections.Concurrent;
using Azure.Storage.Queues.Models;
using Imagic.Functions.Hosting;
using Imagic.LocalHost;
using Imagic.LocalHost.FunctionRpc;
using Imagic.LocalHost.Http;
using Imagic.LocalHost.Queues;
using Imagic.Runtime.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Functions.Tests;

/// <summary>Called as the Functions host calls an isolated worker, which is a process of its own. Nothing listens to queues.</summary>
internal sealed partial class FunctionApp : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly WorkerLog _log = new();
    private readonly LoggerFactory _loggers;
    private readonly CancellationTokenSource _end = new();
    private readonly WorkerSupervisor _workers;
    private HttpFrontEnd _http = null!;
    private Task _running = Task.CompletedTask;

    private FunctionApp(StorageOptions storage, Dictionary<string, string> settings)
    {
        Account = new(storage);
        Records = new(Account);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        _services = new ServiceCollection().AddLogging().AddApi(configuration.Build()).BuildServiceProvider();
        _loggers = new([_log]);
        var options = new LocalHostOptions { AppFolder = Folder, Storage = storage, Settings = settings, WorkerReadyTimeout = TimeSpan.FromSeconds(60) };
        _workers = new(Imagic.LocalHost.FunctionRpc.FunctionApp.Load(Folder), options, _loggers, TimeProvider.System);
    }

    /// <summary>Folder of the built app; the tests have it beside their own.</summary>
    public static string Folder { get; } = Path.Combine(
        Path.GetDirectoryName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!, "Imagic.Functions",
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));

    public Uri Address => _http.Address;

    /// <summary>What the worker says its functions are.</summary>
    public IReadOnlyList<FunctionDefinition> Functions => _workers.Current!.Functions;

    /// <param name="azurite">Where it gets an account.</param>
    /// <param name="settings">More settings, as <c>--name=value</c>.</param>
    public static async Task<FunctionApp> StartAsync(AzuriteFixture azurite, params string[] settings)
    {
        var options = azurite.NewOptions();
        var all = new Dictionary<string, string> { ["ImagicStorage"] = options.ConnectionString! };
        foreach (var setting in settings)
        {
            var parts = setting.TrimStart('-').Split('=', 2);
            all[parts[0]] = parts[1];
        }

        var app = new FunctionApp(options, all);
        await app.Account.EnsureCreatedAsync(Cancellation);
        app._http = await HttpFrontEnd.StartAsync(0, app._workers, app._loggers, Cancellation);
        app._running = app._workers.RunAsync(app.Address, app._end.Token);
        var worker = await app._workers.ReadyAsync(Cancellation);
        app._http.Serve(worker.Functions.OfType<HttpFunction>(), "api");
        app.Client.BaseAddress = new(app.Address, "/api/");
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _services.DisposeAsync();
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _http.DisposeAsync();
        _loggers.Dispose();
        _log.Dispose();
        _end.Dispose();
    }

    /// <summary>A service like the app's own, over the same account.</summary>
    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Asks the app to end, and says with which code it does.</summary>
    public Task<int> StopAsync() => _workers.Current!.StopAsync(TimeSpan.FromSeconds(20));

    /// <summary>Delivers a message to a function; null when it failed, so that the host would bring it again.</summary>
    public async Task<string[]?> TryDeliverAsync(string function, string text, string? traceParent = null)
    {
        var inserted = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var message = QueuesModelFactory.QueueMessage(
            Guid.NewGuid().ToString("D"), "receipt", text, 1, inserted.AddMinutes(10), inserted, inserted.AddDays(7));
        var target = Functions.OfType<QueueFunction>().Single(one => one.Name == function);
        var invocation = MessageHandler.Describe(target, message, traceParent);
        var problem = await _workers.Current!.InvokeAsync(target, invocation, Cancellation);
        return problem is null ? _log.Of(invocation.InvocationId) : null;
    }

    /// <summary>What the functions of queues log.</summary>
    private sealed class WorkerLog : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<WorkerLine> _lines = [];

        public string[] Of(string invocation) => [.. _lines.Where(line => line.InvocationId == invocation).Select(line => line.Text)];

        public ILogger CreateLogger(string categoryName) => categoryName == typeof(QueueFunctions).FullName ? this : NullLogger.Instance;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is WorkerLine line) _lines.Enqueue(line);
        }

        public void Dispose()
        {
            // There is nothing to close.
        }
    }
}
