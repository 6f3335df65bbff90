using Imagic.Functions;
using Imagic.Functions.Batches;
using Imagic.Functions.Edits;
using Imagic.Functions.OpenApi;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Functions.Sas;
using Imagic.Functions.StorageEvents;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Storage.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

// The worker's package tells of invocations under this name. Listened to, each takes the host's trace along.
using var telemetry = ImagicTelemetry.Start("imagic-functions", "Microsoft.Azure.Functions.Worker");
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<ProblemMiddleware>();
ImagicLogging.AddExport(builder.Logging, telemetry); // lines go to the host by gRPC, and not to the console too
builder.Services
    .Configure<KestrelServerOptions>(kestrel =>
    {
        kestrel.AddServerHeader = false;
        // Bytes per second below which a sender is taken for stalled, after a time of grace.
        kestrel.Limits.MinRequestBodyDataRate = new(1024, TimeSpan.FromSeconds(5));
        kestrel.Limits.MaxRequestBodySize = RequestBody.MaxJsonBytes;
    })
    .AddSingleton(FunctionsOptions.Read(Setting))
    .AddSingleton(new StorageAccount(StorageOptions.Read(Setting)))
    .AddSingleton(TimeProvider.System)
    .AddSingleton<BlobSasIssuer>()
    .AddSingleton<EditRecords>()
    .AddSingleton<StageSender>()
    .AddSingleton<SourceStore>()
    .AddSingleton<EditStarter>()
    .AddSingleton<UploadEvents>()
    .AddSingleton<BatchStore>()
    .AddSingleton<BatchEvents>()
    .AddApiDocument();
using var app = builder.Build();
await app.RunAsync();

// Environment variables spell the hierarchy of settings with two underscores.
string? Setting(string name) => builder.Configuration[name.Replace("__", ":", StringComparison.Ordinal)];
