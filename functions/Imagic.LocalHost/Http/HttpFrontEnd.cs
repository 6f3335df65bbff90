using System.Net;
using Imagic.LocalHost.App;
using Imagic.LocalHost.Handler;
using Imagic.LocalHost.Invocations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Imagic.LocalHost.Http;

/// <summary>The web server that callers see. It listens before the handler runs, so that the handler can be told where.</summary>
internal sealed class HttpFrontEnd : IAsyncDisposable
{
    /// <summary>Largest request, in bytes: that of the real host.</summary>
    public const long MaxRequestBytes = 104_857_600;

    private const string RestartSeconds = "2";

    private readonly WebApplication _web;
    private readonly ProxyEndpoint _proxy;

    private HttpFrontEnd(WebApplication web, ProxyEndpoint proxy) => (_web, _proxy) = (web, proxy);

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_web.Urls.Single());

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<HttpFrontEnd> StartAsync(
        int port, FunctionApp app, HandlerSupervisor handler, FunctionInvoker invoker, ILoggerFactory loggers, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var web = Build(port, loggers);
        var logger = loggers.CreateLogger<HttpFrontEnd>();
        var proxy = new ProxyEndpoint(
            web.Services.GetRequiredService<IHttpForwarder>(), handler, app.Host.FunctionTimeout, time, logger);
        var envelope = new EnvelopeEndpoint(invoker, handler, time, logger);
        Map(web, app, app.Host.ProxiesHttp ? proxy.HandleAsync : envelope.HandleAsync);
        var frontEnd = new HttpFrontEnd(web, proxy);
        try
        {
            await web.StartAsync(cancellationToken);
            return frontEnd;
        }
        catch (Exception exception)
        {
            await frontEnd.DisposeAsync();
            if (exception is not IOException) throw;
            throw new IOException($"The port {port} on 127.0.0.1 cannot be used: {exception.Message} Choose another, or 0 for a free one.", exception);
        }
    }

    /// <summary>There is no handler at the moment; there will be one soon.</summary>
    public static void AnswerRestarting(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = RestartSeconds;
    }

    /// <summary>Takes no more requests and waits for those under way.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        using var patience = new CancellationTokenSource(grace);
        await _web.StopAsync(patience.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _proxy.Dispose();
    }

    private static WebApplication Build(int port, ILoggerFactory loggers)
    {
        // Empty: neither appsettings.json nor the environment of whoever runs the host says anything.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRouting();
        builder.Services.AddHttpForwarder();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, FunctionMethodPolicy>());
        // Ctrl-C and SIGTERM belong to whoever runs the host.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.AddServerHeader = false;
        });
        return builder.Build();
    }

    private static void Map(WebApplication web, FunctionApp app, Func<HttpFunction, HttpContext, Task> handle)
    {
        foreach (var function in app.Functions.OfType<HttpFunction>())
        {
            web.Map($"/{app.Host.RoutePrefix}/{function.Route}".Replace("//", "/", StringComparison.Ordinal), Answer)
                .WithMetadata(new FunctionMethods(function.Methods))
                .WithDisplayName(function.Name);

            Task Answer(HttpContext context)
            {
                if (context.Request.ContentLength is null or <= MaxRequestBytes) return handle(function, context);
                context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                return Task.CompletedTask;
            }
        }
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
