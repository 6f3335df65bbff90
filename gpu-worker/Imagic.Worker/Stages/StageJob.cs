using System.Collections.Immutable;
using Azure;
using Azure.Storage.Blobs;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using Imagic.Marks;
using Imagic.Marks.Watermark;
using Imagic.Storage;
using Imagic.Worker.Checkpoints;
using Imagic.Worker.Leases;
using Imagic.Worker.Models;
using Imagic.Worker.Results;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Stages;

/// <summary>How a stage of a claimed edit ended on this worker.</summary>
internal abstract record StageOutcome
{
    /// <summary>Its result is published.</summary>
    /// <param name="Results">After the last stage: those of the edit.</param>
    public sealed record Done(PublishedResults? Results) : StageOutcome;

    /// <summary>It left a checkpoint; the edit goes on elsewhere.</summary>
    public sealed record Stopped : StageOutcome;

    /// <summary>Somebody asked to give the edit up.</summary>
    public sealed record Cancelled : StageOutcome;

    /// <summary>An earlier stage has to be done again first.</summary>
    public sealed record Missing(EditStage Stage, string Why) : StageOutcome;

    /// <summary>Another try would end the same way.</summary>
    public sealed record Failed(EditProblem Problem) : StageOutcome;
}

/// <summary>The published results of an edit.</summary>
internal sealed record PublishedResults(string Folder, string PicturesSha256, ImmutableArray<string> Notices, ImmutableArray<string> Withheld);

/// <summary>Computes one stage of a claimed edit: source and checkpoints from blobs, result to blobs.</summary>
internal sealed class StageJob(
    StorageAccount account, TuningStore tunings, ModelLibrary library, WorkerOptions options, OwnedFolder work, LocalDisk disk,
    PictureMarks marks, IEnumerable<IProgress<StageEvent>> observers, TimeProvider time, ILogger<StageJob> logger)
{
    // All but a long step hears of the deadline at once, and is waited for, so that nothing is left behind it.
    private static readonly TimeSpan LeaveAfter = TimeSpan.FromSeconds(1);

    private Task _computing = Task.CompletedTask;

    /// <summary>Whether a step that was left is still being computed.</summary>
    public bool IsComputing => !_computing.IsCompleted;

    /// <summary>Runs the stage.</summary>
    /// <param name="edit">The claimed edit.</param>
    /// <param name="stop">Stops after the current step, leaving a checkpoint.</param>
    /// <param name="deadline">Gives up whatever is going on.</param>
    /// <exception cref="LeaseLostException">The claim is over.</exception>
    /// <exception cref="OperationCanceledException">The deadline has passed.</exception>
    public async Task<StageOutcome> RunAsync(EditLease edit, CancellationToken stop, CancellationToken deadline)
    {
        var (record, stage) = (edit.Record, edit.Stage);
        if (record.CancelRequested) return new StageOutcome.Cancelled();
        var progress = new StageProgress(stage, record.StatusOf(stage), observers, time);
        await using var reporter = new ProgressReporter(edit, progress, account.Edits, time, logger);
        var abandon = CancellationTokenSource.CreateLinkedTokenSource(edit.Lost, reporter.CancelRequested, deadline);
        using var leave = new CancellationTokenSource();
        await using var onDeadline = deadline.Register(() => leave.CancelAfter(LeaveAfter));
        // On a task of its own, which is left when a step outlasts the deadline: the newest checkpoint stands.
        var computing = Task.Run(() => ComputeAsync(edit, progress, reporter, stop, abandon.Token), CancellationToken.None);
        _computing = computing;
        _ = computing.ContinueWith(_ => abandon.Dispose(), TaskScheduler.Default);
        try
        {
            return await computing.WaitAsync(leave.Token);
        }
        catch (OperationCanceledException) when (reporter.CancelRequested.IsCancellationRequested)
        {
            return new StageOutcome.Cancelled();
        }
        catch (OperationCanceledException) when (edit.Lost.IsCancellationRequested)
        {
            throw new LeaseLostException(edit.Id.Value, edit.Epoch);
        }
        catch (ResultMissingException exception)
        {
            return new StageOutcome.Missing(exception.Stage, exception.Message);
        }
        catch (Exception exception) when (Failure.Of(exception) == FailureKind.Edit)
        {
            return new StageOutcome.Failed(new((exception as ImagicException)?.Code ?? "model-unusable", exception.Message, stage));
        }
        finally
        {
            if (!computing.IsCompleted) library.Forget();
        }
    }

    private async Task<StageOutcome> ComputeAsync(
        EditLease edit, StageProgress progress, ProgressReporter reporter, CancellationToken stop, CancellationToken abandon)
    {
        var (record, stage) = (edit.Record, edit.Stage);
        var cache = Path.Combine(work.Path, $"{edit.Id}-{stage.Name()}-{edit.Epoch}");
        try
        {
            var models = await library.LoadAsync(record.Model, abandon);
            var source = SourceImage.Read(record.Source.Name, await DownloadSourceAsync(edit.Id, abandon), models.Package, record.Size);
            var store = new BlobCheckpointStore(account, edit.Id, $"{edit.Epoch}-{record.Revision}", edit.GuardAsync, cache, disk);
            var journal = new CheckpointJournal(
                store, edit.Epoch, (manifest, token) => CommitAsync(edit, store, progress, manifest, token),
                stage == EditStage.Sample ? null : (sha256, write, token) => ShareAsync(edit, sha256, write, token), disk);
            using var runner = await EditRunner.CreateAsync(
                models, journal, source.Working, record.Settings,
                new() { Checkpoints = options.Checkpoints, PreviewInterval = options.PreviewInterval, Abandon = abandon, Memory = options.Compute.Memory ?? new() },
                progress, time, abandon);
            reporter.Start();
            var end = await runner.RunStageAsync(stage, stop);
            await reporter.StopAsync(abandon);
            if (!end.IsDone) return new StageOutcome.Stopped();
            return new StageOutcome.Done(stage != EditStage.Sample ? null : await PublishAsync(edit, store, await ResultFiles.RenderAsync(
                source, record.Settings, await runner.FinishAsync(), models, options.CheckSafety, marks,
                options.Watermark ? new WatermarkWriter(edit.Id) : null, time, abandon), abandon));
        }
        finally
        {
            LocalDisk.TryDelete(cache);
        }
    }

    private async Task ShareAsync(EditLease edit, string sha256, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await edit.GuardAsync(cancellationToken);
        await tunings.KeepAsync(edit.Id, sha256, write, cancellationToken);
    }

    // The checkpoint becomes the current one by the record alone. What a stale worker has just written may be in use: the
    // one that has the edit now may have found it. The end of the edit removes it, unless that is past.
    private async Task CommitAsync(
        EditLease edit, BlobCheckpointStore store, StageProgress progress, CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            await edit.UpdateAsync(
                record => progress.ApplyTo(record
                    .With(record.StatusOf(edit.Stage) with
                    {
                        Step = manifest.Step,
                        Done = manifest.Complete,
                        Seconds = Math.Round(manifest.Seconds, 3),
                        Checkpoint = manifest.Folder,
                        Bytes = manifest.Parts.Sum(part => part.Length),
                        Sha256 = manifest.Parts.FirstOrDefault(part => part.IsShared)?.Sha256,
                    })
                    .With(edit.Stage, record.TurnOf(edit.Stage).WithProgress())),
                cancellationToken);
        }
        catch (LeaseLostException)
        {
            if (!edit.Record.HasEnded() || edit.Record.Stages.Any(status => status.Checkpoint == manifest.Folder)) throw;
            await store.DeleteAsync($"{manifest.Folder}/{CheckpointManifest.FileName}", CancellationToken.None);
            foreach (var part in manifest.Parts.Where(part => !part.IsShared)) await store.DeleteAsync(manifest.NameOf(part), CancellationToken.None);
            await tunings.ReleaseAsync(edit.Id, edit.Record.KeptTunings(), CancellationToken.None);
            throw;
        }
    }

    private async Task<byte[]> DownloadSourceAsync(EditId id, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await account.Edits.GetBlobClient(StoragePaths.Source(id)).DownloadContentAsync(cancellationToken);
            return answer.Value.Content.ToArray();
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            throw new BadInputException("The source picture is no longer there. Start the edit again.");
        }
    }

    private static async Task<PublishedResults> PublishAsync(
        EditLease edit, BlobCheckpointStore store, ResultFiles results, CancellationToken cancellationToken)
    {
        var folder = StoragePaths.ResultsFolder(edit.Epoch);
        await Parallel.ForEachAsync(
            results.Files,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (file, token) => await CreateAsync(file.Key, file.Value, token));
        var manifest = new ResultManifest
        {
            EditId = edit.Id,
            Epoch = edit.Epoch,
            PicturesSha256 = results.PicturesSha256,
            Suggested = results.Suggested,
            Drafts = [.. results.Record.Pictures.Where(picture => picture is { Found.IsDraft: true, Withheld: false }).Select(picture => picture.File)],
            Files = [.. results.Files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => new ResultFile(
                file.Key, file.Value.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file.Value))))],
        };
        await CreateAsync(
            ResultManifest.FileName,
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJsonContext.Default.ResultManifest),
            cancellationToken);
        return new(folder, results.PicturesSha256, results.Record.Notices, results.Record.Withheld);

        Task CreateAsync(string name, byte[] content, CancellationToken token) => store.CreateAsync(
            $"{folder}/{name}", async (stream, inner) => await stream.WriteAsync(content, inner), token);
    }
}
