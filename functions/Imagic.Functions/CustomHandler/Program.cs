using System.Net;
using Imagic.Functions.Hosting;
using Imagic.Runtime.Telemetry;

namespace Imagic.Functions.CustomHandler;

/// <summary>The function app as a custom handler: a web server that the Functions host starts and proxies requests to.</summary>
public static class Program
{
    private const string PortSetting = "FUNCTIONS_CUSTOMHANDLER_PORT";

    /// <summary>Runs it until the host ends it.</summary>
    public static async Task Main(string[] args)
    {
        using var telemetry = ImagicTelemetry.Start("imagic-functions");
        await using var app = Create(args, telemetry);
        await app.RunAsync();
    }

    /// <summary>Puts it together.</summary>
    public static WebApplication Create(string[] args, ImagicTelemetry telemetry)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        ImagicLogging.Configure(builder.Logging, telemetry);
        if (!ushort.TryParse(builder.Configuration[PortSetting], out var port))
            throw new InvalidOperationException($"The setting {PortSetting} is missing or is no port. The Functions host sets it.");
        // Nobody but the host of this machine: it is the host that checks keys.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddApi(builder.Configuration);

        var app = builder.Build();
        app.UseApi(routes =>
        {
            routes.MapGet("/", () => "Imagic.Functions").ExcludeFromDescription(); // the host asks this for readiness
            routes.MapQueueFunctions();
        });
        return app;
    }
}
