using Imagic.Functions.Tests.CustomHandler;
using Imagic.Runtime.Storage;
using Imagic.Runtime.Telemetry;
using Imagic.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Imagic.Functions.Tests;

/// <summary>Called as the Functions host calls a custom handler, in this process.</summary>
internal sealed partial class FunctionApp : IAsyncDisposable
{
    private readonly ImagicTelemetry _telemetry = ImagicTelemetry.Start("imagic-functions-test");
    private readonly WebApplication _app;

    private FunctionApp(StorageOptions options, string[] settings)
    {
        Account = new(options);
        Records = new(Account);
        _app = Program.Create(
            [$"--ImagicStorage={options.ConnectionString}", "--FUNCTIONS_CUSTOMHANDLER_PORT=0", .. settings], _telemetry);
    }

    public Uri Address => new(_app.Urls.Single());

    /// <param name="azurite">Where it gets an account.</param>
    /// <param name="settings">More settings, as <c>--name=value</c>.</param>
    public static async Task<FunctionApp> StartAsync(AzuriteFixture azurite, params string[] settings)
    {
        var app = new FunctionApp(azurite.NewOptions(), settings);
        await app.Account.EnsureCreatedAsync(Cancellation);
        await app._app.StartAsync(Cancellation);
        app.Client.BaseAddress = new(app.Address, "/api/");
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _telemetry.Dispose();
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Delivers a message to a function; null when it failed, so that the host would bring it again.</summary>
    public async Task<string[]?> TryDeliverAsync(string function, string text)
    {
        using var response = await this.PostAsync(function, HostCall.Envelope(text));
        return response.IsSuccessStatusCode ? await HostCall.AssertDoneAsync(response) : null;
    }
}
