using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Editing.Checkpoints;
using Imagic.Imaging;
using Imagic.Runtime.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace Imagic.Worker.Tests;

/// <summary>An edit with the reference's tiny model that takes well under a second, in an account of its own.</summary>
internal sealed class TinyJob(StorageAccount account, EditId id)
{
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

    /// <summary>Steps of each stage.</summary>
    public static IReadOnlyList<(EditStage Stage, int Steps)> Plan { get; } =
        [(EditStage.Optimize, 4), (EditStage.FineTune, 3), (EditStage.Sample, 6)];

    /// <summary>A worker on the CPU that writes a checkpoint after every step.</summary>
    public static WorkerOptions Options { get; } = new()
    {
        ModelsFolder = Path.Combine(RepositoryFiles.Root, "tests", "fixtures"),
        CacheFolder = Path.Combine(Path.GetTempPath(), $"imagic-worker-tests-{Environment.ProcessId}"),
        Device = CPU,
        Threads = 2,
        Visibility = TimeSpan.FromSeconds(2),
        Checkpoints = new CheckpointPolicy.Fixed(TimeSpan.Zero),
        PollInterval = TimeSpan.FromMilliseconds(100),
        PreviewInterval = 2,
    };

    public StorageAccount Account => account;

    public EditId Id => id;

    public EditRecords Records { get; } = new(account);

    /// <summary>Starts an edit the way the functions do: picture, message, record.</summary>
    public static async Task<TinyJob> StartAsync(
        StorageAccount account, EditSettings? settings = null, byte[]? picture = null, BatchReference? batch = null, string id = "tiny-edit",
        string model = "sd1-micro")
    {
        var job = new TinyJob(account, EditId.Parse(id));
        picture ??= await File.ReadAllBytesAsync(Path.Combine(RepositoryFiles.Fixture("sd1-micro"), "input.png"), TestContext.Current.CancellationToken);
        await account.Edits.GetBlobClient(StoragePaths.Source(job.Id)).UploadAsync(BinaryData.FromBytes(picture), overwrite: true);
        await new StageSender(account).SendAsync(job.Id, EditStage.Optimize, TestContext.Current.CancellationToken);
        await job.Records.CreateAsync(
            new()
            {
                EditId = job.Id,
                Created = DateTimeOffset.UnixEpoch,
                RequestHash = "test",
                Model = model,
                Settings = settings ?? Settings,
                Size = new(32, 32),
                Source = new("input.png", "test", picture.Length, ImageFormat.Png.Name, 32, 32),
                Batch = batch,
            },
            TestContext.Current.CancellationToken);
        return job;
    }

    /// <summary>Runs a worker until the edit has ended or <paramref name="until"/> holds.</summary>
    public async Task<EditRecord> RunAsync(WorkerOptions? options = null, StorageAccount? through = null, Func<EditRecord, bool>? until = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var worker = NewWorker(options, through);
        var running = worker.RunAsync(stop.Token);
        var record = await WaitAsync(until ?? (record => record.HasEnded()), running);
        await stop.CancelAsync();
        await running;
        return record;
    }

    /// <summary>A worker of its own, as another process would be.</summary>
    public WorkerLoop NewWorker(WorkerOptions? options = null, StorageAccount? through = null) =>
        new(through ?? account, options ?? Options, TimeProvider.System, new TestLogger());

    /// <summary>Waits for a state of the record.</summary>
    public async Task<EditRecord> WaitAsync(Func<EditRecord, bool> until, Task? worker = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var record = await RecordAsync();
            if (until(record)) return record;
            if (worker is { IsCompleted: true }) await worker;
            await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
        }
    }

    public async Task<EditRecord> RecordAsync() => (await Records.ReadAsync(id, TestContext.Current.CancellationToken))!.Value;

    /// <summary>Names of all blobs of the edit, without its folder.</summary>
    public async Task<List<string>> BlobsAsync()
    {
        var names = new List<string>();
        await foreach (var blob in account.Edits.GetBlobsAsync(
            Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, $"{id}/", TestContext.Current.CancellationToken))
            names.Add(blob.Name[$"{id}/".Length..]);
        return names;
    }

    /// <summary>Messages on a queue, hidden ones included.</summary>
    public async Task<int> MessagesAsync(string queue)
    {
        var properties = await account.Queues.GetQueueClient(queue).GetPropertiesAsync(TestContext.Current.CancellationToken);
        return properties.Value.ApproximateMessagesCount;
    }
}

/// <summary>Puts a worker's log into the test's output.</summary>
internal sealed class TestLogger : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{logLevel}: {formatter(state, exception)} {exception}");
}
