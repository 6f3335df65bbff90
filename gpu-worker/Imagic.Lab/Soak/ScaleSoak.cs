using Imagic.Contracts.Edits;
using Imagic.Storage;
using Microsoft.Extensions.Logging;

namespace Imagic.Lab.Soak;

/// <summary>
/// Lets queues start workers as Container Apps does, from none to many to none, and stops some of them with SIGTERM.
/// Every edit must end with the bytes of an undisturbed one, every execution with exit code 0.
/// </summary>
/// <param name="options">The storage account.</param>
/// <param name="logger">Hears what workers of this process say.</param>
/// <param name="output">Where the figures go.</param>
public sealed class ScaleSoak(StorageOptions options, ILogger logger, TextWriter output)
{
    // KEDA looks every 15 s; what is tested does not depend on it.
    private static readonly TimeSpan PollingInterval = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(10);

    /// <param name="edits">Edits, all started at once.</param>
    /// <param name="mostExecutions">Most executions of one stage at a time.</param>
    /// <param name="stops">Executions that get SIGTERM while they work, as long as there are any.</param>
    /// <param name="seed">Seed of who is stopped when.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether all was as it must be.</returns>
    public async Task<bool> RunAsync(int edits, int mostExecutions, int stops, int seed, CancellationToken cancellationToken)
    {
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(cancellationToken);
        var expected = await (await MicroEdit.StartAsync(account, logger, cancellationToken, "undisturbed")).RunAsync(cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        var all = new List<MicroEdit>();
        for (var i = 0; i < edits; i++) all.Add(await MicroEdit.StartAsync(account, logger, cancellationToken, $"scaled-{i}"));

        var random = new Random(seed);
        var scalers = Enum.GetValues<EditStage>().Select(stage => new QueueScaler(options, stage, mostExecutions)).ToList();
        var stopped = new HashSet<WorkerProcess>();
        var peak = 0;
        try
        {
            do
            {
                if (TimeProvider.System.GetElapsedTime(started) > WaitLimit) throw new TimeoutException($"The queues were not empty after {WaitLimit.TotalMinutes} minutes.");
                foreach (var scaler in scalers) await scaler.PollAsync(cancellationToken);
                peak = Math.Max(peak, scalers.Max(scaler => scaler.Running.Count));
                await StopOneAsync();
                await Task.Delay(PollingInterval, cancellationToken);
            }
            // In the order of the stages: what one had sent on before it was found empty, the next has seen.
            while (scalers.Any(scaler => scaler.Running.Count > 0 || scaler.Messages > 0));
        }
        finally
        {
            foreach (var scaler in scalers) await scaler.DisposeAsync();
        }

        var wrong = scalers.SelectMany(scaler => scaler.Failures).ToList();
        foreach (var edit in all)
        {
            var record = await edit.RecordAsync(cancellationToken);
            if (record.State != EditState.Succeeded) wrong.Add($"{edit.Id} ended {record.State}: {record.Error?.Message}");
            else if (record.ResultSha256 != expected.ResultSha256) wrong.Add($"{edit.Id} has the result {record.ResultSha256}, not {expected.ResultSha256}");
            else wrong.AddRange(await edit.LeftoversAsync(record, cancellationToken));
        }

        output.WriteLine(
            $"scale soak: {edits} edits in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s by {scalers.Sum(scaler => scaler.Started)} executions, "
            + $"at most {peak} of one stage at a time, {stopped.Count} told to stop, {scalers.Sum(scaler => scaler.Idle)} found nothing to do, {wrong.Count} things wrong");
        foreach (var what in wrong) output.WriteLine($"scale soak: {what}");
        return wrong.Count == 0;

        async Task StopOneAsync()
        {
            if (stopped.Count >= stops) return;
            var working = scalers.SelectMany(scaler => scaler.Running)
                .Where(execution => !execution.HasEnded && !stopped.Contains(execution) && execution.Lines.Any(line => line.Contains("claimed", StringComparison.Ordinal)))
                .ToList();
            if (working.Count == 0) return;
            var chosen = working[random.Next(working.Count)];
            stopped.Add(chosen);
            await chosen.SignalAsync("TERM", cancellationToken);
        }
    }
}
