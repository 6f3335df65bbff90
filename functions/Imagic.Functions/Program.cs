using System.Text;
using Imagic.Functions;
using Imagic.Functions.Batches;
using Imagic.Functions.Edits;
using Imagic.Functions.Edits.Waiting;
using Imagic.Functions.Health;
using Imagic.Functions.Mcp;
using Imagic.Functions.Models;
using Imagic.Functions.OpenAi;
using Imagic.Functions.OpenApi;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Functions.Sas;
using Imagic.Functions.StorageEvents;
using Imagic.Functions.Studio;
using Imagic.Functions.Sweep;
using Imagic.Functions.Webhooks;
using Imagic.Marks;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Storage.Signing;
using Imagic.Storage.Telemetry;
using Imagic.Webhooks;
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
    .AddSingleton<ExceptionProblems>()
    .AddSingleton<EditRecords>()
    .AddSingleton<EditIndex>()
    .AddSingleton<StartLimit>()
    .AddSingleton<PushedModels>()
    .AddSingleton<ListEdits>()
    .AddSingleton<StageSender>()
    .AddSingleton<EditDeletion>()
    .AddSingleton<SourceStore>()
    .AddSingleton<EditStarter>()
    .AddSingleton<TuningStore>()
    .AddSingleton<Resampler>()
    .AddSingleton<CancelEdit>()
    .AddSingleton<EditResults>()
    .AddSingleton<RecordWatch>()
    .AddSingleton<EditWait>()
    .AddSingleton<EventStream>()
    .AddSingleton(SigningOptions.Read(builder.Configuration))
    .AddSingleton(services =>
    {
        var (signing, time) = (services.GetRequiredService<SigningOptions>(), services.GetRequiredService<TimeProvider>());
        return PictureMarks.Open(signing.OpenVault(time), signing.File, time);
    })
    .AddSingleton<ImageEditStream>()
    .AddSingleton<UploadEvents>()
    .AddSingleton<BatchStore>()
    .AddSingleton<BatchDeletion>()
    .AddSingleton<BatchEvents>()
    .AddSingleton<Sweeper>()
    .AddSingleton(WebhookOptions.Read(name => builder.Configuration[name]))
    .AddSingleton(services => new WebhookCaller(services.GetRequiredService<WebhookOptions>(), services.GetRequiredService<TimeProvider>()))
    .AddSingleton<WebhookSender>()
    .AddSingleton<WebhookStatuses>()
    .AddSingleton<WebhookDelivery>()
    .AddSingleton(new StudioFiles(Path.Combine(AppContext.BaseDirectory, "studio")))
    .AddSingleton<StudioHeaders>()
    .AddApiDocument()
    .AddMcpTools();
using var app = builder.Build();
await app.RunAsync();
