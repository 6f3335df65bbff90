using System.Net;
using Imagic.LocalHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost;

/// <summary>A web server on 127.0.0.1, one of several in this process.</summary>
internal static class LoopbackServer
{
    /// <summary>Begins one.</summary>
    /// <param name="port">Port; 0 takes a free one.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="configure">What else to set.</param>
    public static WebApplicationBuilder CreateBuilder(int port, ILoggerFactory loggers, Action<ListenOptions> configure)
    {
        // Empty: neither appsettings.json nor the environment of whoever runs the host says anything.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRouting();
        // Ctrl-C and SIGTERM belong to whoever runs the host.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, configure);
            kestrel.AddServerHeader = false;
        });
        return builder;
    }

    /// <summary>Hears no signals.</summary>
    internal sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
