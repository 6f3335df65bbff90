using Imagic.Diffusion;
using Imagic.Editing.Checkpoints;
using static TorchSharp.torch;

namespace Imagic.Editing.Stages;

/// <summary>How a stage ended.</summary>
/// <param name="IsDone">Its result is published; otherwise it was stopped and left a checkpoint.</param>
/// <param name="Step">Steps done.</param>
public readonly record struct StageEnd(bool IsDone, int Step);

/// <summary>
/// Drives a stage from its newest checkpoint to its result. Between two steps it may stop; checkpoints are written from
/// a copy in host memory while the next steps are computed.
/// </summary>
public sealed class StageRunner(CheckpointJournal journal, StageOptions options, IProgress<StageEvent> progress, TimeProvider time)
{
    private Task _publishing = Task.CompletedTask;

    /// <summary>Runs a stage as far as the options and the token let it.</summary>
    /// <param name="name">Name of the stage.</param>
    /// <param name="fingerprint">Hash of everything that its numbers depend on.</param>
    /// <param name="create">Makes it at step 0, or with the checkpoint's own inputs when there is one; the runner disposes it.</param>
    /// <param name="afterStep">Looks at it between two steps.</param>
    /// <param name="cancellationToken">Stops after the step that is being computed.</param>
    public async Task<StageEnd> RunAsync<T>(
        string name, string fingerprint, Func<Checkpoint?, T> create, Action<T>? afterStep, CancellationToken cancellationToken)
        where T : IStage
    {
        var threads = get_num_threads();
        // Whatever the token says, reading and writing checkpoints is finished: they are what a stop is for.
        using var saved = await FindAsync(name, fingerprint);
        if (saved is { Manifest.Complete: true })
        {
            await journal.AdoptAsync(saved.Manifest, options.Abandon);
            progress.Report(new StageEvent.Reused(name));
            return new(IsDone: true, saved.Manifest.Step);
        }

        TorchLibrary.UseThreads(threads);
        using var stage = create(saved);
        try
        {
            return await DriveAsync(name, fingerprint, stage, saved, afterStep, threads, cancellationToken);
        }
        catch
        {
            // The copies that a checkpoint is written from are freed by its task: nothing is left behind it.
            await _publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>The newest checkpoint or result of a stage; <paramref name="rejected"/> hears of damaged ones, as the progress does.</summary>
    public Task<Checkpoint?> FindAsync(string name, string fingerprint, Action<string>? rejected = null) => journal.FindAsync(
        name, fingerprint, text =>
        {
            progress.Report(new StageEvent.Notice(name, text));
            rejected?.Invoke(text);
        },
        options.Abandon);

    private async Task<StageEnd> DriveAsync<T>(
        string name, string fingerprint, T stage, Checkpoint? saved, Action<T>? afterStep, int threads, CancellationToken cancellationToken)
        where T : IStage
    {
        if (saved is not null) stage.Restore(saved);
        var (seconds, resumedAt) = (saved?.Manifest.Seconds ?? 0, saved?.Manifest.Step);
        progress.Report(new StageEvent.Started(name, stage.Step, stage.Steps));
        var started = time.GetTimestamp();
        var published = stage.Step;
        var lastCheckpoint = started;
        TimeSpan? cost = null;

        while (!stage.IsDone)
        {
            options.Abandon.ThrowIfCancellationRequested();
            if (cancellationToken.IsCancellationRequested || StopsHere())
            {
                await _publishing;
                if (stage.Step != published) Publish(stage.State, complete: false);
                await _publishing;
                return new(IsDone: false, stage.Step);
            }

            TorchLibrary.UseThreads(threads);
            var loss = stage.Advance();
            progress.Report(new StageEvent.Advanced(name, stage.Step, stage.Steps, loss));
            afterStep?.Invoke(stage);

            if (_publishing.IsCompleted && time.GetElapsedTime(lastCheckpoint) >= options.Checkpoints.Interval(cost))
            {
                await _publishing;
                cost = Publish(stage.State, complete: false);
                (published, lastCheckpoint) = (stage.Step, time.GetTimestamp());
            }
        }

        await _publishing;
        Publish(stage.Result, complete: true);
        await _publishing;
        progress.Report(new StageEvent.Completed(name, stage.Step, TimeSpan.FromSeconds(Seconds())));
        return new(IsDone: !StopsHere(), stage.Step);

        double Seconds() => seconds + time.GetElapsedTime(started).TotalSeconds;

        // A run that starts from the stop point goes on, so that giving the same command again finishes it.
        bool StopsHere() => options.StopAfter == new StopPoint(name, stage.Step) && stage.Step != resumedAt;

        TimeSpan Publish(Func<IReadOnlyList<NamedTensor>> tensors, bool complete) => StartPublishing(
            new()
            {
                Stage = name, Epoch = 0, Step = stage.Step, Complete = complete, Fingerprint = fingerprint, Seconds = Seconds(), Parts = [],
            },
            tensors);
    }

    /// <summary>Copies what <paramref name="tensors"/> gives and starts to write it.</summary>
    /// <returns>How long the copy took.</returns>
    private TimeSpan StartPublishing(CheckpointManifest manifest, Func<IReadOnlyList<NamedTensor>> tensors)
    {
        var started = time.GetTimestamp();
        var copies = HostCopies(tensors);
        var blocked = time.GetElapsedTime(started);
        _publishing = Task.Run(async () =>
        {
            try
            {
                await journal.PublishAsync(manifest, copies, options.Abandon);
            }
            finally
            {
                foreach (var copy in copies) copy.Value.Dispose();
            }

            if (!manifest.Complete) progress.Report(new StageEvent.Checkpointed(manifest.Stage, manifest.Step, blocked));
        });
        return blocked;
    }

    // What the stage makes for the occasion goes with the scope; what it lives on is not touched.
    private static List<NamedTensor> HostCopies(Func<IReadOnlyList<NamedTensor>> tensors)
    {
        using var scope = NewDisposeScope();
        return [.. tensors().Select(tensor => tensor with { Value = HostCopy(tensor.Value.detach()).DetachFromDisposeScope() })];
    }

    // From a GPU, bringing it here is the copy.
    private static Tensor HostCopy(Tensor tensor) => tensor.device.type == TorchSharp.DeviceType.CPU ? tensor.clone() : tensor.cpu();
}
