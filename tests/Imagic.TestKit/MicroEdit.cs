using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using Imagic.Imaging;
using Imagic.Storage;
using Imagic.Tests;
using Imagic.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace Imagic.TestKit;

/// <summary>An edit with a tiny model that takes well under a second and still visits everything; for tests that disturb it.</summary>
/// <param name="account">Where it is.</param>
/// <param name="id">Its name.</param>
/// <param name="logger">Hears what workers say.</param>
public sealed class MicroEdit(StorageAccount account, EditId id, ILogger logger)
{
    /// <summary>Name of the model package.</summary>
    public const string Model = "sd1-micro";

    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(3);
    // Each look is a storage call, or twenty, and competes with what is waited for.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly EditRecords _records = new(account);

    /// <summary>4 + 3 training steps, then 2 blends × 3 denoising steps of 2 pictures each.</summary>
    public static EditSettings Settings { get; } = new()
    {
        TargetText = "a photo of a bird",
        Profile = "test",
        Optimize = new(4, 1e-2) { Batch = 2 },
        FineTune = new(3, 1e-3),
        Sample = new() { Seeds = [5], Etas = [0.8], Blends = [1, 0.5], Guidance = 3, Steps = 3, Batch = 2 },
        Suggested = new(0.8, 1),
        Seed = 7,
    };

    /// <summary>Name of the tiny pixel cascade.</summary>
    public const string Cascade = "if-cascade";

    /// <summary>The same for <see cref="Cascade"/>: 3 steps of super-resolution's tuning too, and 2 more per batch.</summary>
    public static EditSettings CascadeSettings { get; } = Settings with
    {
        Sample = Settings.Sample with { Scheduler = SchedulerType.Ddpm },
        SuperResolution = new() { FineTune = Settings.FineTune, Steps = 2, Guidance = 2 },
    };

    /// <summary>What is made with a tiny model.</summary>
    public static EditSettings SettingsOf(string model) => model == Cascade ? CascadeSettings : Settings;

    /// <summary>Steps of each stage of <see cref="Settings"/>.</summary>
    public static IReadOnlyList<(EditStage Stage, int Steps)> Plan { get; } = PlanOf(Settings);

    /// <summary>Steps of each stage of settings that have the pictures of <see cref="Settings"/>.</summary>
    public static IReadOnlyList<(EditStage Stage, int Steps)> PlanOf(EditSettings settings) =>
    [
        .. settings.Stages().Select(stage => (stage, stage switch
        {
            EditStage.Optimize => settings.Optimize.Steps,
            EditStage.FineTune => settings.FineTune.Steps,
            EditStage.FineTuneSuperResolution => settings.SuperResolution!.FineTune.Steps,
            _ => settings.Sample.Blends.Length * (settings.Sample.Steps + (settings.SuperResolution?.Steps ?? 0)),
        })),
    ];

    /// <summary>Folder with the tiny model: the fixtures of a checkout.</summary>
    public static string ModelsFolder => RepositoryFiles.Fixtures;

    /// <summary>A worker on the CPU that writes a checkpoint after every step and loses messages quickly.</summary>
    public static WorkerOptions Options { get; } = new()
    {
        ModelsFolder = ModelsFolder,
        CacheFolder = Path.Combine(Path.GetTempPath(), $"imagic-soak-{Environment.ProcessId}"),
        Compute = new(CPU, ScalarType.Float32, Threads: 1),
        Visibility = TimeSpan.FromSeconds(2),
        Checkpoints = new CheckpointPolicy.Fixed(TimeSpan.Zero),
        AttemptBackoff = TimeSpan.FromMilliseconds(50),
        PollInterval = TimeSpan.FromMilliseconds(100),
        PreviewInterval = 2,
    };

    /// <summary>Where it is.</summary>
    public StorageAccount Account => account;

    /// <summary>Its name.</summary>
    public EditId Id => id;

    /// <summary>Starts an edit the way the functions do: picture, message, record, index.</summary>
    public static async Task<MicroEdit> StartAsync(
        StorageAccount account, ILogger logger, CancellationToken cancellationToken, string id = "soak-edit",
        EditSettings? settings = null, byte[]? picture = null, BatchReference? batch = null, string model = Model, string? webhook = null)
    {
        var edit = new MicroEdit(account, EditId.Parse(id), logger);
        picture ??= await File.ReadAllBytesAsync(Path.Combine(ModelsFolder, Model, "input.png"), cancellationToken);
        await account.Edits.GetBlobClient(StoragePaths.Source(edit.Id)).UploadAsync(BinaryData.FromBytes(picture), overwrite: true, cancellationToken);
        settings ??= Settings;
        await edit.SendAsync(settings.Stages()[0], cancellationToken);
        var record = await edit._records.CreateAsync(
            new()
            {
                EditId = edit.Id,
                Created = DateTimeOffset.UnixEpoch,
                RequestHash = "soak",
                Model = model,
                Settings = settings,
                Stage = settings.Stages()[0],
                Source = new("input.png", "soak", picture.Length, ImageFormat.Png.Name(), 32, 32),
                Batch = batch,
                Webhook = webhook,
            },
            cancellationToken);
        await new EditIndex(account).WriteAsync(record!.Value, cancellationToken);
        return edit;
    }

    /// <summary>Sends a stage message once more.</summary>
    public Task SendAsync(EditStage stage, CancellationToken cancellationToken) =>
        new StageSender(account).SendAsync(id, stage, cancellationToken);

    /// <summary>A worker of its own, as another process would be.</summary>
    /// <param name="options">How it works; <see cref="Options"/> when null.</param>
    /// <param name="through">Its own way to storage, e.g. one with faults.</param>
    /// <param name="observer">Gets all that its stages report.</param>
    /// <param name="disk">Its disk, e.g. one that is full.</param>
    public WorkerHost NewWorker(
        WorkerOptions? options = null, StorageAccount? through = null, IProgress<StageEvent>? observer = null, LocalDisk? disk = null) =>
        WorkerHost.Create(options ?? Options, builder =>
        {
            builder.Logging.AddProvider(new OneLogger(logger));
            builder.Services.AddSingleton(through ?? account);
            if (disk is not null) builder.Services.AddSingleton(disk);
            if (observer is not null) builder.Services.AddSingleton(observer);
        });

    /// <summary>Runs a worker until the edit has ended, or until something else holds of it.</summary>
    public async Task<EditRecord> RunAsync(
        CancellationToken cancellationToken, WorkerOptions? options = null, StorageAccount? through = null, Func<EditRecord, bool>? until = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var worker = NewWorker(options, through);
        var running = worker.RunAsync(stop.Token);
        try
        {
            return await WaitAsync(until ?? (record => record.HasEnded()), cancellationToken, running);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }

    /// <summary>Waits until something holds of the record.</summary>
    /// <param name="until">What.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="worker">A worker whose failure ends the wait.</param>
    public async Task<EditRecord> WaitAsync(Func<EditRecord, bool> until, CancellationToken cancellationToken, Task? worker = null)
    {
        EditRecord record = await RecordAsync(cancellationToken);
        await WaitAsync(async () => until(record = await RecordAsync(cancellationToken)), cancellationToken, worker);
        return record;
    }

    /// <summary>Waits until something holds.</summary>
    /// <exception cref="TimeoutException">It never did.</exception>
    public static async Task WaitAsync(Func<Task<bool>> until, CancellationToken cancellationToken, Task? worker = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await until())
        {
            if (worker is { IsCompleted: true }) await worker;
            if (TimeProvider.System.GetElapsedTime(started) > WaitLimit) throw new TimeoutException($"It did not come to it in {WaitLimit.TotalSeconds:F0} s.");
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    /// <summary>The record as it is now.</summary>
    public async Task<EditRecord> RecordAsync(CancellationToken cancellationToken) =>
        (await _records.ReadAsync(id, cancellationToken))?.Value ?? throw new InvalidOperationException($"The record of {id} is gone.");

    /// <summary>Names (without the edit's folder) and ETags of all its blobs.</summary>
    public async Task<SortedDictionary<string, string>> BlobsAsync(CancellationToken cancellationToken)
    {
        var blobs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var blob in account.Edits.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{id}/", cancellationToken))
            blobs[blob.Name[$"{id}/".Length..]] = blob.Properties.ETag.ToString() ?? "";
        return blobs;
    }

    /// <summary>Messages on a queue, hidden ones included.</summary>
    public async Task<int> MessagesAsync(string queue, CancellationToken cancellationToken)
    {
        var properties = await account.Queues.GetQueueClient(queue).GetPropertiesAsync(cancellationToken);
        return properties.Value.ApproximateMessagesCount;
    }

    /// <summary>What an edit that succeeded must not have left: anything but one result per stage, and messages.</summary>
    /// <returns>What is wrong, in words; empty when nothing is.</returns>
    public async Task<IReadOnlyList<string>> LeftoversAsync(EditRecord record, CancellationToken cancellationToken)
    {
        string[] known = ["edit.json", "source", "webhook.json", "tunings/", "previews/", $"{record.Results}/", .. record.Stages.Select(stage => $"{stage.Checkpoint}/")];
        var blobs = (await BlobsAsync(cancellationToken)).Keys;
        var wrong = blobs.Where(blob => !known.Any(prefix => blob.StartsWith(prefix, StringComparison.Ordinal))).Select(blob => $"blob {blob} is left").ToList();
        foreach (var stage in record.Settings.Stages())
        {
            var manifests = blobs.Count(blob => blob.StartsWith($"{stage.Name()}/", StringComparison.Ordinal) && blob.EndsWith("/manifest.json", StringComparison.Ordinal));
            if (manifests != 1) wrong.Add($"stage {stage.Name()} has {manifests} results");
        }

        // Only what is there now is referred to, from both sides, and it is there.
        var tunings = record.Tuning().Select(status => status.Sha256!).Distinct().Order(StringComparer.Ordinal).ToList();
        var referred = blobs.Where(blob => blob.StartsWith("tunings/", StringComparison.Ordinal)).Select(blob => blob["tunings/".Length..]);
        if (!referred.SequenceEqual(tunings)) wrong.Add($"it refers to the tunings {string.Join(", ", referred)} and not to {string.Join(", ", tunings)}");
        foreach (var name in tunings.SelectMany(sha256 => new[] { StoragePaths.TuningContent(sha256), StoragePaths.TuningReference(sha256, id) }))
        {
            if (!await account.Tunings.GetBlobClient(name).ExistsAsync(cancellationToken)) wrong.Add($"there is no blob {name} in {StoragePaths.Tunings}");
        }

        foreach (var queue in StoragePaths.Queues)
        {
            if (await MessagesAsync(queue, cancellationToken) is > 0 and var messages) wrong.Add($"{messages} messages in {queue}");
        }

        return wrong;
    }

    private sealed class OneLogger(ILogger logger) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
            // It belongs to the caller.
        }
    }
}
