using Imagic.Functions.Hosting;
using Imagic.Runtime.Telemetry;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;

namespace Imagic.Functions.IsolatedWorker;

/// <summary>The function app as an isolated worker: a process that the Functions host starts and calls by gRPC and HTTP.</summary>
public static class Program
{
    // Where the worker's package tells of invocations. Listened to, each takes the host's trace along.
    private const string Invocations = "Microsoft.Azure.Functions.Worker";

    /// <summary>Runs it until the host ends it.</summary>
    public static async Task Main(string[] args)
    {
        using var telemetry = ImagicTelemetry.Start("imagic-functions", Invocations);
        using var app = Create(args, telemetry);
        await app.RunAsync();
    }

    /// <summary>Puts it together.</summary>
    public static IHost Create(string[] args, ImagicTelemetry telemetry)
    {
        var builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        ImagicLogging.AddExport(builder.Logging, telemetry); // lines go to the host by gRPC, and not to the console too
        builder.Services.AddApi(builder.Configuration).AddSingleton<ApiPipeline>();
        return builder.Build();
    }
}
