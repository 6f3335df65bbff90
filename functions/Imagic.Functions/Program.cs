using Imagic.Functions.Edits;
using Imagic.Functions.Events;
using Imagic.Functions.Health;
using Imagic.Functions.Hosting;
using Imagic.Functions.Keys;
using Imagic.Functions.OpenApi;
using Imagic.Functions.Problems;
using Imagic.Functions.Uploads;
using Imagic.Runtime.Telemetry;

namespace Imagic.Functions;

/// <summary>The function app: a custom handler that the Functions host starts and proxies requests to.</summary>
public static class Program
{
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
        builder.AddCustomHandler();
        builder.Services.AddStorage(builder.Configuration).AddKeys().AddEdits().AddStorageEvents().AddApiDescription();

        var app = builder.Build();
        app.UseProblems();
        app.UseRequestTimeouts();
        app.MapGet("/", () => "Imagic.Functions").ExcludeFromDescription(); // the host asks this for readiness
        app.MapStorageEvents();
        var api = app.MapGroup("/api");
        api.MapEdits();
        api.MapUploads();
        api.MapHealth();
        api.MapApiDescription();
        return app;
    }
}
