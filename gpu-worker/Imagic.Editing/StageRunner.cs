using Imagic.Editing.Checkpoints;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>How a stage ended.</summary>
/// <param name="IsDone">Its result is published; otherwise it was stopped and left a checkpoint.</param>
/// <param name="Step">Steps done.</param>
public readonly record struct StageEnd(bool IsDone, int Step);

/// <summary>
/// Drives a stage machine from its newest checkpoint to its result. Between two steps it may stop; checkpoints are
/// written from a copy in host memory while the next steps are computed.
/// </summary>
internal sealed class StageRunner(
    CheckpointJournal journal, IReadOnlyDictionary<EditStage, string> fingerprints, EditOptions options,
    IProgress<EditEvent> progress, TimeProvider time)
{
    private Task _publishing = Task.CompletedTask;

    /// <summary>Runs <paramref name="stage"/> as far as the options and the token let it.</summary>
    /// <param name="stage">Which stage.</param>
    /// <param name="create">Makes the machine at step 0, or with the checkpoint's own inputs when there is one.</param>
    /// <param name="reconstruct">A picture of how far a training stage is.</param>
    /// <param name="cancellationToken">Stops after the step that is being computed.</param>
    public async Task<StageEnd> RunAsync(
        EditStage stage, Func<Checkpoint?, IStage> create, Func<DescentStage, RgbImage> reconstruct,
        CancellationToken cancellationToken)
    {
        // Whatever the token says, reading and writing checkpoints is finished: they are what a stop is for.
        using var saved = await FindAsync(stage);
        if (saved is { Manifest.Complete: true })
        {
            await journal.AdoptAsync(saved.Manifest, options.Abandon);
            progress.Report(new EditEvent.StageReused(stage));
            return new(IsDone: true, saved.Manifest.Step);
        }

        using var machine = create(saved);
        try
        {
            return await DriveAsync(stage, machine, saved, reconstruct, cancellationToken);
        }
        catch
        {
            // The copies that a checkpoint is written from are freed by its task: nothing is left behind it.
            await _publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>The newest checkpoint or result of a stage.</summary>
    public Task<Checkpoint?> FindAsync(EditStage stage) => journal.FindAsync(
        stage, fingerprints[stage], text => progress.Report(new EditEvent.Notice(text)), options.Abandon);

    private async Task<StageEnd> DriveAsync(
        EditStage stage, IStage machine, Checkpoint? saved, Func<DescentStage, RgbImage> reconstruct,
        CancellationToken cancellationToken)
    {
        if (saved is not null) machine.Restore(saved);
        var (seconds, resumedAt) = (saved?.Manifest.Seconds ?? 0, saved?.Manifest.Step);
        progress.Report(new EditEvent.StageStarted(stage, machine.Step, machine.Steps));
        var started = time.GetTimestamp();
        var published = machine.Step;
        var lastCheckpoint = started;
        TimeSpan? cost = null;
        double Seconds() => seconds + time.GetElapsedTime(started).TotalSeconds;

        while (!machine.IsDone)
        {
            options.Abandon.ThrowIfCancellationRequested();
            if (cancellationToken.IsCancellationRequested || StopsHere())
            {
                await _publishing;
                if (machine.Step != published) Publish(machine, machine.State, complete: false, Seconds());
                await _publishing;
                return new(IsDone: false, machine.Step);
            }

            progress.Report(machine.Advance());
            if (machine is DescentStage training && options.PreviewInterval > 0 && machine.Step % options.PreviewInterval == 0)
                progress.Report(new EditEvent.Reconstructed(stage, machine.Step, reconstruct(training)));

            if (_publishing.IsCompleted && time.GetElapsedTime(lastCheckpoint) >= options.Checkpoints.Interval(cost))
            {
                await _publishing;
                cost = Publish(machine, machine.State, complete: false, Seconds());
                (published, lastCheckpoint) = (machine.Step, time.GetTimestamp());
            }
        }

        await _publishing;
        Publish(machine, machine.Result, complete: true, Seconds());
        await _publishing;
        progress.Report(new EditEvent.StageCompleted(stage, machine.Step, TimeSpan.FromSeconds(Seconds())));
        return new(IsDone: !StopsHere(), machine.Step);

        // A run that starts from the stop point goes on, so that giving the same command again finishes the edit.
        bool StopsHere() => options.StopAfter == new StopPoint(stage, machine.Step) && machine.Step != resumedAt;
    }

    /// <summary>Copies what <paramref name="tensors"/> gives and starts to write it.</summary>
    /// <returns>How long the copy took.</returns>
    private TimeSpan Publish(IStage machine, Func<IReadOnlyList<NamedTensor>> tensors, bool complete, double seconds)
    {
        var manifest = new CheckpointManifest
        {
            Stage = machine.Stage.Name(),
            Epoch = 0,
            Step = machine.Step,
            Complete = complete,
            Fingerprint = fingerprints[machine.Stage],
            Seconds = seconds,
            Parts = [],
        };
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

            if (!complete) progress.Report(new EditEvent.Checkpointed(machine.Stage, manifest.Step, blocked));
        });
        return blocked;
    }

    // What the machine makes for the occasion goes with the scope; what it lives on is not touched.
    private static List<NamedTensor> HostCopies(Func<IReadOnlyList<NamedTensor>> tensors)
    {
        using var scope = NewDisposeScope();
        return [.. tensors().Select(tensor => tensor with { Value = HostCopy(tensor.Value.detach()).DetachFromDisposeScope() })];
    }

    // From a GPU, bringing it here is the copy.
    private static Tensor HostCopy(Tensor tensor) => tensor.device.type == TorchSharp.DeviceType.CPU ? tensor.clone() : tensor.cpu();
}
