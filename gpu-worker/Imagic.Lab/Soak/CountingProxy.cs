using Imagic.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Imagic.Lab.Soak;

/// <summary>Passes calls of a blob service on and counts those about edits.</summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    private CountingProxy(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>How many there were so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <param name="service">Where the calls go: address of an account of the emulator.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<CountingProxy> StartAsync(Uri service, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHttpForwarder();
        var proxy = new CountingProxy(builder.Build());
        var edits = $"{service.AbsolutePath.TrimEnd('/')}/{StoragePaths.Edits}";
        proxy._app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(edits, StringComparison.Ordinal)) Interlocked.Increment(ref proxy._calls);
            return next(context);
        });
        proxy._app.MapForwarder("/{**path}", service.GetLeftPart(UriPartial.Authority));
        await proxy._app.StartAsync(cancellationToken);
        return proxy;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
