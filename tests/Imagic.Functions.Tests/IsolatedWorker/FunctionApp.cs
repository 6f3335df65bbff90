using Imagic.Functions.Hosting;
using Imagic.Functions.Tests.IsolatedWorker;
using Imagic.Runtime.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Imagic.Functions.Tests;

/// <summary>Called as the Functions host calls an isolated worker, which is a process of its own.</summary>
internal sealed partial class FunctionApp : IAsyncDisposable
{
    private readonly FunctionsHost _host;
    private readonly ServiceProvider _services;

    private FunctionApp(StorageAccount account, FunctionsHost host, Dictionary<string, string> settings)
    {
        Account = account;
        Records = new(Account);
        _host = host;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        _services = new ServiceCollection().AddLogging().AddApi(configuration.Build()).BuildServiceProvider();
    }

    public Uri Address => _host.Address;

    /// <param name="azurite">Where it gets an account.</param>
    /// <param name="settings">More settings, as <c>--name=value</c>.</param>
    public static async Task<FunctionApp> StartAsync(AzuriteFixture azurite, params string[] settings)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Cancellation);
        var all = new Dictionary<string, string> { ["ImagicStorage"] = options.ConnectionString! };
        foreach (var setting in settings)
        {
            var parts = setting.TrimStart('-').Split('=', 2);
            all[parts[0]] = parts[1];
        }

        var app = new FunctionApp(account, await FunctionsHost.StartAsync(all, Cancellation), all);
        app.Client.BaseAddress = new(app.Address, "/api/");
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _services.DisposeAsync();
        await _host.DisposeAsync();
    }

    /// <summary>A service like the app's own, over the same account.</summary>
    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Asks the app to end, and says with which code it does.</summary>
    public Task<int> StopAsync() => _host.StopAsync(Cancellation);

    /// <summary>Delivers a message to a function; null when it failed, so that the host would bring it again.</summary>
    public async Task<string[]?> TryDeliverAsync(string function, string text, string? traceParent = null)
    {
        var run = await _host.InvokeAsync(function, text, traceParent, Cancellation);
        return run.Problem is null ? run.Said : null;
    }
}
