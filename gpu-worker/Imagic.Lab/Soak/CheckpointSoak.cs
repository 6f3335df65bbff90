using System.Diagnostics;
using Imagic.Contracts.Edits;
using Imagic.Editing.Checkpoints;
using Imagic.Storage;
using Imagic.Worker.Checkpoints;
using static TorchSharp.torch;

namespace Imagic.Lab.Soak;

/// <summary>
/// What a checkpoint of a large model costs: time that steps wait for it, and the speed at which it reaches storage.
/// </summary>
/// <param name="account">Where it is written.</param>
/// <param name="output">Where the figures go.</param>
public sealed class CheckpointSoak(StorageAccount account, TextWriter output)
{
    private static readonly string[] Names = ["parameters", "exp_avg", "exp_avg_sq"];

    private static readonly TimeSpan MeanTimeBetweenPreemptions = TimeSpan.FromHours(1);

    private static readonly TimeSpan StageTime = TimeSpan.FromMinutes(10);

    /// <summary>The share of a stage that waiting for checkpoints may take.</summary>
    private const double MostShare = 0.01;

    /// <param name="bytes">Size of the state: parameters and both Adam moments.</param>
    /// <param name="checkpoints">How many are written; at least 2.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether the share stays within the goal.</returns>
    public async Task<bool> RunAsync(long bytes, int checkpoints, CancellationToken cancellationToken)
    {
        await account.EnsureCreatedAsync(cancellationToken);
        var cache = Directory.CreateTempSubdirectory("imagic-checkpoint-soak-").FullName;
        var id = EditId.Parse("checkpoint-soak");
        try
        {
            var store = new BlobCheckpointStore(account, id, "soak", _ => Task.CompletedTask, cache, new());
            var journal = new CheckpointJournal(store, epoch: 1);
            var state = State(bytes);
            var (blocked, written) = (new List<TimeSpan>(), TimeSpan.Zero);
            for (var step = 1; step <= checkpoints; step++)
            {
                var started = Stopwatch.GetTimestamp();
                var copy = Copies(state);
                blocked.Add(Stopwatch.GetElapsedTime(started));
                started = Stopwatch.GetTimestamp();
                await journal.PublishAsync(
                    new() { Stage = "finetune", Epoch = 0, Step = step, Complete = false, Fingerprint = "soak", Parts = [] }, copy, cancellationToken);
                written += Stopwatch.GetElapsedTime(started);
                Free(copy);
            }

            Free(state);
            // The first one gets its memory from the system, page by page; the later ones have it already.
            var (first, cost) = (blocked[0], blocked.Skip(1).Order().ElementAt((checkpoints - 1) / 2));
            var interval = new CheckpointPolicy.YoungDaly(MeanTimeBetweenPreemptions).Interval(cost);
            // One that takes longer to write than the interval puts the next one off.
            interval = interval > written / checkpoints ? interval : written / checkpoints;
            var share = (first + cost * (StageTime / interval - 1)) / StageTime;
            output.WriteLine(
                $"checkpoint of {bytes / 1e6:F0} MB: steps wait {first.TotalMilliseconds:F0} ms for the first, {cost.TotalMilliseconds:F0} ms for later ones; "
                + $"written in {written.TotalSeconds / checkpoints:F2} s ({bytes * checkpoints / 1e6 / written.TotalSeconds:F0} MB/s) behind them");
            output.WriteLine(
                $"at one preemption an hour: a checkpoint every {interval.TotalSeconds:F1} s, {share:P2} of a stage of ten minutes (goal {MostShare:P0} at most)");
            var opened = Stopwatch.GetTimestamp();
            using var found = await journal.FindAsync("finetune", "soak", output.WriteLine, cancellationToken);
            output.WriteLine($"read back and verified in {Stopwatch.GetElapsedTime(opened).TotalSeconds:F2} s");
            return share <= MostShare && found?.Manifest.Step == checkpoints;
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    // Scopes belong to a thread and must not reach over an await: tensors are freed by hand here.
    private static NamedTensor[] State(long bytes)
    {
        using var scope = NewDisposeScope();
        return [.. Names.Select(name => new NamedTensor(name, randn(bytes / 12).DetachFromDisposeScope()))];
    }

    private static NamedTensor[] Copies(NamedTensor[] state)
    {
        using var scope = NewDisposeScope();
        return [.. state.Select(tensor => tensor with { Value = tensor.Value.clone().DetachFromDisposeScope() })];
    }

    private static void Free(NamedTensor[] tensors)
    {
        foreach (var tensor in tensors) tensor.Value.Dispose();
    }
}
