using Imagic.Editing;
using Imagic.Marks;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Worker.Batches;
using Imagic.Worker.Leases;
using Imagic.Worker.Messages;
using Imagic.Worker.Models;
using Imagic.Worker.Stages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Imagic.Worker;

/// <summary>A worker with all that it depends on, on the Generic Host. SIGTERM and Ctrl-C stop it.</summary>
public sealed class WorkerHost : IDisposable
{
    // The loop ends by itself before that.
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(2);

    private readonly IHost _host;

    private WorkerHost(IHost host) => _host = host;

    /// <summary>Makes a worker.</summary>
    /// <param name="options">How it works.</param>
    /// <param name="configure">
    /// Adds the <see cref="StorageAccount"/>, logging, and any <see cref="IProgress{T}"/> of <see cref="Editing.Stages.StageEvent"/>: each gets all
    /// that stages report, on the computing thread.
    /// </param>
    /// <exception cref="BadInputException">An option is out of range.</exception>
    public static WorkerHost Create(WorkerOptions options, Action<HostApplicationBuilder> configure)
    {
        options.Validate();
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services
            .Configure<HostOptions>(host => host.ShutdownTimeout = options.StopWithin + StopReserve)
            .AddSingleton(options)
            .AddSingleton<EditRecords>()
            .AddSingleton<EditIndex>()
            .AddSingleton<TuningStore>()
            .AddSingleton<StageSender>()
            .AddSingleton<BatchStore>()
            .AddSingleton<EditDeletion>()
            .AddSingleton<WebhookSender>()
            .AddSingleton(services => OwnedFolder.Create(Path.Combine(options.CacheFolder, "edits"), services.GetRequiredService<LocalDisk>()))
            .AddSingleton(services =>
            {
                var time = services.GetRequiredService<TimeProvider>();
                return PictureMarks.Open(options.Signing.OpenVault(time), options.Signing.File, time);
            })
            .AddSingleton<ModelStore>()
            .AddSingleton<ModelLibrary>()
            .AddSingleton<StageJob>()
            .AddSingleton<BatchCompletion>()
            .AddSingleton<EditCompletion>()
            .AddSingleton<EditTransitions>()
            .AddSingleton<MessageHandler>()
            .AddSingleton<WorkerLoop>()
            .AddHostedService(services => services.GetRequiredService<WorkerLoop>());
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(new LocalDisk());
        configure(builder);
        return new(builder.Build());
    }

    /// <summary>Whether a step that outlasted the end of the work is still being computed.</summary>
    public bool IsComputing => _host.Services.GetRequiredService<StageJob>().IsComputing;

    /// <summary>Works until it is stopped, or after one message with <see cref="WorkerOptions.Once"/>.</summary>
    /// <param name="stop">
    /// Stops: the current step is finished, a checkpoint is written, the message is given back, all within
    /// <see cref="WorkerOptions.StopWithin"/>; a step that takes longer is left.
    /// </param>
    /// <exception cref="MachineException">This machine lacks disk, memory or a device.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        await _host.StartAsync(CancellationToken.None);
        await _host.WaitForShutdownAsync(stop);
        // The host only logs what ended the loop.
        await _host.Services.GetRequiredService<WorkerLoop>().ExecuteTask!;
    }

    public void Dispose() => _host.Dispose();
}
