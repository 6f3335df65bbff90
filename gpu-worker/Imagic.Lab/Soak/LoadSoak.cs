using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Imagic.Cli.Up;
using Imagic.Client;
using Imagic.Contracts.Edits;
using Imagic.Editing;
using Imagic.Editing.Stages;
using Imagic.LocalHost.Azurite;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Worker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Lab.Soak;

/// <summary>
/// Many small edits through a whole pipeline of its own: function app, queues, three worker processes. All must end, each
/// once; the figures tell what the pipeline costs on top of computing.
/// </summary>
/// <param name="output">Where the figures go.</param>
internal sealed class LoadSoak(TextWriter output)
{
    private const int Workers = 3;
    private const int Clients = 4;

    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A tiny edit.</summary>
    public static readonly EditRequest Request = new()
    {
        TargetText = "a photo of a bird",
        Model = MicroEdit.Model,
        Settings = new()
        {
            Optimize = new() { Steps = 4, LearningRate = 1e-2 },
            FineTune = new() { Steps = 3, LearningRate = 1e-3 },
            Etas = [0.8],
            Seeds = [5],
            Guidance = 3,
            Steps = 3,
        },
    };

    /// <param name="edits">How many.</param>
    /// <param name="withCalls">Whether to measure first what single calls cost, each way on a pipeline of its own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether all have succeeded, each once, with nothing left over.</returns>
    public async Task<bool> RunAsync(int edits, bool withCalls, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("imagic-load-").FullName;
        var picture = Picture();
        try
        {
            if (withCalls) await MeasureCallsAsync(folder, picture, Math.Min(edits, CallSoak.MostStarts), cancellationToken);
            return await LoadAsync(Options(folder, "load", Workers), picture, edits, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A pipeline of its own that knows the tiny model.</summary>
    public static LocalEnvironmentOptions Options(string folder, string name, int workers) => new()
    {
        Port = AzuriteProcess.FreePort(),
        BlobPort = AzuriteProcess.FreePort(),
        QueuePort = AzuriteProcess.FreePort(),
        DataFolder = Path.Combine(folder, name),
        FunctionsFolder = FunctionsFolder.Find(null),
        Workers = workers,
        WorkerArguments = ["--models", MicroEdit.ModelsFolder, "--cache", Path.Combine(folder, "cache"), "--device", "cpu", "--threads", "1", "--preview", "0"],
        Models = MicroEdit.Model,
    };

    /// <summary>A source for <see cref="Request"/>.</summary>
    public static byte[] Picture() => File.ReadAllBytes(Path.Combine(MicroEdit.ModelsFolder, MicroEdit.Model, "input.png"));

    private async Task MeasureCallsAsync(string folder, byte[] picture, int starts, CancellationToken cancellationToken)
    {
        await IdleToFirstStepAsync(Options(folder, "idle", workers: 0), picture, cancellationToken);
        foreach (var workers in new[] { 0, 1 })
            await new CallSoak(output).RunAsync(Options(folder, $"calls-{workers}", workers), Request, picture, starts, cancellationToken);
    }

    // A worker in this process, so that its first step can be seen when it happens.
    private async Task IdleToFirstStepAsync(LocalEnvironmentOptions options, byte[] picture, CancellationToken cancellationToken)
    {
        using var log = new FileLog(Path.Combine(options.DataFolder, "up.log"), TimeProvider.System);
        await using var environment = await LocalEnvironment.StartAsync(options, log, TimeProvider.System, cancellationToken);
        using var client = new ImagicClient(new() { Address = options.Address });
        var firstStep = new FirstStep();
        using var worker = new MicroEdit(environment.Account, default, NullLogger.Instance).NewWorker(
            MicroEdit.Options with { Visibility = TimeSpan.FromSeconds(60), PollInterval = TimeSpan.FromSeconds(1) }, observer: firstStep);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = worker.RunAsync(stop.Token);
        var times = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            var started = Stopwatch.GetTimestamp();
            firstStep.Reset();
            var id = EditId.Parse($"idle-{i}");
            await client.StartAsync(Request, new MemoryStream(picture), "input.png", id, cancellationToken);
            var first = await firstStep.Seen.WaitAsync(WaitLimit, cancellationToken);
            // The first edit loads the model.
            if (i > 0) times.Add(Stopwatch.GetElapsedTime(started, first).TotalSeconds);
            while ((await client.GetAsync(id, cancellationToken)).View.State is EditState.Queued or EditState.Running) await Task.Delay(PollInterval, cancellationToken);
            // Long enough for the worker to look rarely again.
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        }

        await stop.CancelAsync();
        await running;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"idle worker, start call to first step: {Latencies.Percentile([.. times.Order()], 0.5):F2} s median, {times.Max():F2} s at most of {times.Count} (goal 1.5 s)"));
    }

    private async Task<bool> LoadAsync(LocalEnvironmentOptions options, byte[] picture, int edits, CancellationToken cancellationToken)
    {
        using var log = new FileLog(Path.Combine(options.DataFolder, "up.log"), TimeProvider.System);
        await using var environment = await LocalEnvironment.StartAsync(options, log, TimeProvider.System, cancellationToken);
        using var client = new ImagicClient(new() { Address = options.Address });
        var ids = Enumerable.Range(0, edits).Select(i => EditId.Parse($"load-{i:D4}")).ToList();
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            ids, new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = cancellationToken },
            async (id, token) => await client.StartAsync(Request, new MemoryStream(picture), "input.png", id, token));
        var failed = environment.FailedAsync(cancellationToken);
        var records = await EndsAsync(environment, ids, failed, cancellationToken);
        var took = Stopwatch.GetElapsedTime(started);
        var computing = records.Sum(record => record.Stages.Sum(stage => stage.Seconds));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"all ended after {took.TotalSeconds:F1} s: {edits / took.TotalSeconds:F1} edits a second; computing {computing / edits:F2} s an edit, "
            + $"beyond it {(took.TotalSeconds * Workers - computing) / edits:F2} s of a worker's time (goal 2 s)"));
        return await JudgeAsync(environment, records, cancellationToken);
    }

    private static async Task<List<EditRecord>> EndsAsync(LocalEnvironment environment, List<EditId> ids, Task<string> failed, CancellationToken cancellationToken)
    {
        var records = new EditRecords(environment.Account);
        var (ended, waiting, began) = (new List<EditRecord>(), new Queue<EditId>(ids), Stopwatch.GetTimestamp());
        while (waiting.TryPeek(out var id))
        {
            if (await records.ReadAsync(id, cancellationToken) is { } found && found.Value.HasEnded())
            {
                ended.Add(found.Value);
                waiting.Dequeue();
                continue;
            }

            if (failed.IsCompleted) throw new IOException(await failed);
            if (Stopwatch.GetElapsedTime(began) > WaitLimit) throw new TimeoutException($"{waiting.Count} edits have not ended; the first is {id}.");
            await Task.Delay(PollInterval, cancellationToken);
        }

        return ended;
    }

    private async Task<bool> JudgeAsync(LocalEnvironment environment, List<EditRecord> records, CancellationToken cancellationToken)
    {
        // The last message is deleted after the last record is written.
        await MicroEdit.WaitAsync(
            async () => (await new MicroEdit(environment.Account, records[0].EditId, NullLogger.Instance).LeftoversAsync(records[0], cancellationToken)).Count == 0,
            cancellationToken);
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            records, new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = cancellationToken },
            async (record, token) =>
            {
                if (record.State != EditState.Succeeded) wrong.Add($"{record.EditId} ended {record.State}: {record.Error?.Message}");
                else foreach (var leftover in await new MicroEdit(environment.Account, record.EditId, NullLogger.Instance).LeftoversAsync(record, token)) wrong.Add($"{record.EditId}: {leftover}");
            });
        var results = records.Select(record => record.ResultSha256).Distinct().Count();
        output.WriteLine($"load soak: {records.Count} edits, {wrong.Count} not as they must be, {results} different results (1 expected)");
        foreach (var sentence in wrong.Take(10)) output.WriteLine(sentence);
        return wrong.IsEmpty && results == 1;
    }

    private sealed class FirstStep : IProgress<StageEvent>
    {
        private TaskCompletionSource<long> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<long> Seen => _seen.Task;

        public void Reset() => _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Report(StageEvent value)
        {
            if (value is StageEvent.Advanced) _seen.TrySetResult(Stopwatch.GetTimestamp());
        }
    }
}
