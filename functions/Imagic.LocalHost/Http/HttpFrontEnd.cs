using System.Text;
using Imagic.LocalHost.FunctionRpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Imagic.LocalHost.Http;

/// <summary>The web server that callers see. It listens before the worker runs, so that the worker can be told where.</summary>
internal sealed class HttpFrontEnd : IAsyncDisposable
{
    /// <summary>Largest request, in bytes: that of the real host.</summary>
    public const long MaxRequestBytes = 104_857_600;

    private readonly WebApplication _web;
    private readonly ProxyEndpoint _proxy;
    private RequestDelegate _routes = ProxyEndpoint.AnswerRestarting;

    private HttpFrontEnd(WebApplication web, ProxyEndpoint proxy) => (_web, _proxy) = (web, proxy);

    public Uri Address => new(_web.Urls.Single());

    /// <summary>Starts listening.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<HttpFrontEnd> StartAsync(
        int port, WorkerSupervisor workers, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = LoopbackServer.CreateBuilder(port, loggers, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.KestrelServerOptions.Limits.MaxRequestBodySize = MaxRequestBytes;
            // Bytes per second below which a sender is taken for stalled, after a time of grace. Stricter than functions are:
            // one that gives up while a body is still passed on could not be heard.
            listen.KestrelServerOptions.Limits.MinRequestBodyDataRate = new(1024, TimeSpan.FromSeconds(5));
            listen.KestrelServerOptions.RequestHeaderEncodingSelector = _ => Encoding.Latin1; // byte by byte
        });
        builder.Services.AddHttpForwarder();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, FunctionMethodPolicy>());
        var web = builder.Build();
        var frontEnd = new HttpFrontEnd(
            web, new(web.Services.GetRequiredService<IHttpForwarder>(), workers, loggers.CreateLogger<HttpFrontEnd>()));
        web.Use(next => context => LocalCallers.CheckAsync(context, next));
        web.Run(context => frontEnd._routes(context));
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

    /// <summary>Passes requests on to these functions from now on.</summary>
    public void Serve(IEnumerable<HttpFunction> functions, string routePrefix)
    {
        var routes = new ApplicationBuilder(_web.Services);
        routes.UseRouting();
        routes.UseEndpoints(endpoints =>
        {
            foreach (var function in functions)
            {
                endpoints.Map($"/{routePrefix}/{function.Route}".Replace("//", "/", StringComparison.Ordinal), context => _proxy.HandleAsync(function, context))
                    .WithMetadata(new FunctionMethods(function.Methods))
                    .WithDisplayName(function.Name);
            }
        });
        _routes = routes.Build();
    }

    /// <summary>Takes no more requests and waits for those under way.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        using var patience = new CancellationTokenSource(grace);
        await _web.StopAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _proxy.Dispose();
    }
}
