using System.Text;
using Imagic.Functions;
using Imagic.Functions.Batches;
using Imagic.Functions.Edits;
using Imagic.Functions.Health;
using Imagic.Functions.OpenApi;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Functions.Sas;
using Imagic.Functions.StorageEvents;
using Imagic.Functions.Sweep;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Storage.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<ProblemMiddleware>();
// The worker's package tells of invocations under this name. Listened to, each takes the host's trace along.
builder.AddImagicTelemetry("imagic-functions", "Microsoft.Azure.Functions.Worker");
builder.Services
    .Configure<KestrelServerOptions>(kestrel =>
    {
        kestrel.AddServerHeader = false;
        // Bytes per second below which a sender is taken for stalled, after a time of grace.
        kestrel.Limits.MinRequestBodyDataRate = new(512, TimeSpan.FromSeconds(10));
        kestrel.Limits.MaxRequestBodySize = RequestBody.MaxBytes;
        // Byte by byte: what a header may hold, whoever reads it decides.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
    })
    .AddSingleton(FunctionsOptions.Read(builder.Configuration))
    .AddSingleton(new StorageAccount(StorageOptions.Read(builder.Configuration)))
    .AddSingleton(TimeProvider.System)
    .AddSingleton<BlobSasIssuer>()
    .AddSingleton<StorageHealth>()
    .AddSingleton<EditRecords>()
    .AddSingleton<EditIndex>()
    .AddSingleton<StartLimit>()
    .AddSingleton<ModelSides>()
    .AddSingleton<ListEdits>()
    .AddSingleton<StageSender>()
    .AddSingleton<SourceStore>()
    .AddSingleton<EditStarter>()
    .AddSingleton<UploadEvents>()
    .AddSingleton<BatchStore>()
    .AddSingleton<BatchEvents>()
    .AddSingleton<Sweeper>()
    .AddApiDocument();
using var app = builder.Build();
await app.RunAsync();
