using System.Collections.Immutable;
using Azure;
using Azure.Storage.Blobs;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Storage;
using Imagic.Worker.Checkpoints;
using Imagic.Worker.Leases;
using Imagic.Worker.Models;
using Imagic.Worker.Results;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Stages;

/// <summary>How a stage of a claimed edit ended on this worker.</summary>
/// <param name="IsDone">Its result is published; otherwise it was stopped and the edit goes on elsewhere.</param>
/// <param name="Results">After the last stage: where the results are, and their hash.</param>
internal readonly record struct StageJobEnd(bool IsDone, PublishedResults? Results = null);

/// <summary>The published results of an edit.</summary>
internal sealed record PublishedResults(string Folder, string PicturesSha256);

/// <summary>Computes one stage of a claimed edit: source and checkpoints from blobs, result to blobs.</summary>
internal sealed class StageJob(
    StorageAccount account, ModelLibrary library, WorkerOptions options, IProgress<EditEvent>? observer, TimeProvider time, ILogger logger)
{
    /// <summary>Runs the stage.</summary>
    /// <param name="edit">The claimed edit.</param>
    /// <param name="stop">Stops after the current step, leaving a checkpoint.</param>
    /// <param name="deadline">Gives up whatever is going on.</param>
    /// <exception cref="EditCancelledException">Somebody asked to give the edit up.</exception>
    /// <exception cref="LeaseLostException">Somebody else has the edit.</exception>
    /// <exception cref="BadInputException">What the edit was given cannot be used.</exception>
    public async Task<StageJobEnd> RunAsync(EditLease edit, CancellationToken stop, CancellationToken deadline)
    {
        var (record, stage) = (edit.Record, edit.Record.Stage);
        if (record.CancelRequested) throw new EditCancelledException();
        var cache = Path.Combine(options.CacheFolder, "edits", $"{edit.Id}-{Guid.NewGuid():N}");
        var progress = new StageProgress(stage, record.StatusOf(stage), observer, time);
        await using var reporter = new ProgressReporter(edit, progress, account.Edits, time, logger);
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(edit.Lost, reporter.CancelRequested, deadline);
        try
        {
            var models = await library.LoadAsync(record.Model, abandon.Token);
            var source = SourceImage.Read(record.Source.Name, await DownloadSourceAsync(edit.Id, abandon.Token), models.Package, record.Size);
            var store = new BlobCheckpointStore(account.Edits, edit.Id, $"{edit.Epoch}-{record.Revision}", edit.GuardAsync, cache);
            var journal = new CheckpointJournal(store, edit.Epoch, (manifest, token) => CommitAsync(edit, store, progress, manifest, token));
            using var runner = await EditRunner.CreateAsync(
                models, journal, source.Working, record.Settings,
                new() { Checkpoints = options.Checkpoints, PreviewInterval = options.PreviewInterval, Abandon = abandon.Token },
                progress, time, abandon.Token);
            reporter.Start();
            var end = await runner.RunStageAsync(stage, stop);
            await reporter.StopAsync(abandon.Token);
            if (!end.IsDone) return new(IsDone: false);
            return stage == EditStage.Sample
                ? new(IsDone: true, await PublishAsync(edit, store, await ResultFiles.RenderAsync(
                    source, record.Settings, await runner.FinishAsync(), models, time, abandon.Token), abandon.Token))
                : new(IsDone: true);
        }
        catch (OperationCanceledException) when (reporter.CancelRequested.IsCancellationRequested)
        {
            throw new EditCancelledException();
        }
        catch (OperationCanceledException) when (edit.Lost.IsCancellationRequested)
        {
            throw new LeaseLostException(edit.Id.Value, edit.Epoch);
        }
        finally
        {
            if (Directory.Exists(cache)) Directory.Delete(cache, recursive: true);
        }
    }

    // The checkpoint becomes the current one by the record alone. What a stale worker has just written may be in use: the
    // one that has the edit now may have found it. The end of the edit removes it, unless that is past.
    private static async Task CommitAsync(
        EditLease edit, BlobCheckpointStore store, StageProgress progress, CheckpointManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            await edit.UpdateAsync(
                record => progress.WriteInto(record.With(record.StatusOf(record.Stage) with
                {
                    Step = manifest.Step,
                    Done = manifest.Complete,
                    Seconds = Math.Round(manifest.Seconds, 3),
                    Checkpoint = manifest.Folder,
                })) with
                {
                    Attempts = 0,
                    LastFailure = null,
                },
                cancellationToken);
        }
        catch (LeaseLostException)
        {
            if (!edit.Record.HasEnded() || edit.Record.Stages.Any(status => status.Checkpoint == manifest.Folder)) throw;
            await store.DeleteAsync($"{manifest.Folder}/{CheckpointManifest.FileName}", CancellationToken.None);
            foreach (var part in manifest.Parts) await store.DeleteAsync($"{manifest.Folder}/{part.Name}", CancellationToken.None);
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
            Files = [.. results.Files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => new ResultFile(
                file.Key, file.Value.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file.Value))))],
        };
        await CreateAsync(
            ResultManifest.FileName,
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJsonContext.Default.ResultManifest),
            cancellationToken);
        return new(folder, results.PicturesSha256);

        Task CreateAsync(string name, byte[] content, CancellationToken token) => store.CreateAsync(
            $"{folder}/{name}", async (stream, inner) => await stream.WriteAsync(content, inner), token);
    }
}

/// <summary>Somebody asked to give the edit up.</summary>
internal sealed class EditCancelledException : Exception;
