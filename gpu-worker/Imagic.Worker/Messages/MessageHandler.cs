using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Stages;
using Imagic.Storage;
using Imagic.Storage.Telemetry;
using Imagic.Worker.Leases;
using Imagic.Worker.Stages;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Messages;

/// <summary>
/// What a worker does about a message: claim the edit, compute the stage, send the next message, move the record on, and
/// delete the message last. Whatever is done twice does nothing the second time.
/// </summary>
internal sealed partial class MessageHandler(
    EditRecords records, StageSender stages, StageJob job, EditCompletion completion,
    WorkerOptions options, TimeProvider time, ILogger<MessageHandler> logger)
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(60);

    private static readonly Histogram<double> StageSeconds = ImagicTelemetry.Meter.CreateHistogram<double>("imagic.stage.duration", "s");
    private static readonly Counter<long> Ended = ImagicTelemetry.Meter.CreateCounter<long>("imagic.edits.ended");
    private static readonly Counter<long> Preempted = ImagicTelemetry.Meter.CreateCounter<long>("imagic.stage.preemptions");

    /// <summary>Handles one message.</summary>
    /// <param name="lease">The message.</param>
    /// <param name="queue">Where it came from, for the log.</param>
    /// <param name="stop">Stops after the current step.</param>
    /// <param name="deadline">Gives up whatever is going on.</param>
    public async Task HandleAsync(MessageLease lease, string queue, CancellationToken stop, CancellationToken deadline)
    {
        try
        {
            await DisposeOfAsync(lease, queue, stop, deadline);
        }
        catch (UnreadableRecordException exception)
        {
            RecordUnreadable(logger, queue, lease.Id, exception.Message);
            await lease.PoisonAsync(deadline);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !StorageErrors.IsStorageError(exception))
        {
            // Whatever it is, a message must not end the worker, nor come back for ever.
            var isLast = lease.DequeueCount >= options.MaxAttempts;
            Unhandled(logger, exception, queue, lease.Id, lease.DequeueCount, options.MaxAttempts);
            if (isLast) await lease.PoisonAsync(deadline);
            else await lease.ReleaseAsync(Disposition.Backoff(lease.DequeueCount, options.AttemptBackoff, LongestBackoff), deadline);
        }
    }

    private async Task DisposeOfAsync(MessageLease lease, string queue, CancellationToken stop, CancellationToken deadline)
    {
        if (Read(lease) is not { } message)
        {
            Unreadable(logger, queue, lease.Id, lease.Body);
            await lease.PoisonAsync(deadline);
            return;
        }

        while (true)
        {
            var stored = await records.ReadAsync(message.EditId, deadline);
            switch (Disposition.Of(message, lease.Id, lease.DequeueCount, stored, options))
            {
                case Disposition.Acknowledge acknowledge:
                    Acknowledged(logger, message.EditId.Value, message.Stage.Name(), acknowledge.Why);
                    await lease.DeleteAsync(deadline);
                    return;
                case Disposition.Wait wait:
                    Waiting(logger, message.EditId.Value, message.Stage.Name(), wait.Why);
                    await lease.ReleaseAsync(wait.Delay, deadline);
                    return;
                case Disposition.Conclude:
                    await completion.ConcludeAsync(stored!.Value, deadline);
                    await lease.DeleteAsync(deadline);
                    return;
                case Disposition.Discard:
                    Discarded(logger, message.EditId.Value);
                    await completion.DiscardAsync(message.EditId, deadline);
                    await lease.DeleteAsync(deadline);
                    return;
                case Disposition.GiveUp:
                    if (await TryClaimAsync(stored!, lease, deadline) is not { } lost) continue;
                    using (lost) await GiveUpAsync(lost, lease, deadline);
                    return;
                default:
                    if (await TryClaimAsync(stored!, lease, deadline) is not { } edit) continue;
                    using (edit) await WorkAsync(edit, lease, message.TraceParent, stop, deadline);
                    return;
            }
        }
    }

    private static StageMessage? Read(MessageLease lease)
    {
        try
        {
            return Versioning.Read(QueueText.Decode(lease.Body), ContractsJsonContext.Default.StageMessage, "The message");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or SchemaException)
        {
            return null;
        }
    }

    private async Task<EditLease?> TryClaimAsync(Stored<EditRecord> stored, MessageLease lease, CancellationToken cancellationToken)
    {
        var record = stored.Value;
        var status = record.StatusOf(record.Stage);
        var claimed = await records.ReplaceAsync(
            stored,
            record.With(status with { Resumes = status.Resumes + (status is { Checkpoint: not null, Done: false } ? 1 : 0) }) with
            {
                State = EditState.Running,
                Epoch = record.Epoch + 1,
                Claim = new(options.Name, lease.Id, time.GetUtcNow()),
                Attempts = record.Attempts + 1,
            },
            cancellationToken);
        return claimed is null ? null : new(records, claimed, time, lease.Lost);
    }

    private async Task WorkAsync(EditLease edit, MessageLease lease, string? traceParent, CancellationToken stop, CancellationToken deadline)
    {
        var stage = edit.Record.Stage;
        var attempts = edit.Record.Attempts;
        using var activity = ImagicTelemetry.Source.StartActivity($"stage {stage.Name()}", ActivityKind.Consumer, traceParent);
        activity?.SetTag("imagic.edit", edit.Id.Value).SetTag("imagic.stage", stage.Name()).SetTag("imagic.epoch", edit.Epoch);
        using var scope = logger.BeginScope(new Dictionary<string, object>
        {
            ["editId"] = edit.Id.Value, ["stage"] = stage.Name(), ["epoch"] = edit.Epoch,
        });
        Claimed(logger, edit.Id.Value, stage.Name(), edit.Epoch, edit.Record.StatusOf(stage).Step);
        var started = time.GetTimestamp();
        try
        {
            var outcome = await job.RunAsync(edit, stop, deadline);
            if (outcome is StageOutcome.Done or StageOutcome.Stopped)
                StageSeconds.Record(time.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("stage", stage.Name()));
            switch (outcome)
            {
                case StageOutcome.Done { Results: null }:
                    await MoveOnAsync(edit, lease, deadline);
                    break;
                case StageOutcome.Done { Results: var results }:
                    await EndAsync(edit, lease, EditState.Succeeded, null, deadline, results);
                    break;
                case StageOutcome.Cancelled:
                    await EndAsync(edit, lease, EditState.Cancelled, null, deadline);
                    break;
                case StageOutcome.Failed { Problem: var problem }:
                    activity?.SetStatus(ActivityStatusCode.Error, problem.Message);
                    await EndAsync(edit, lease, EditState.Failed, problem, deadline);
                    break;
                default:
                    await GiveBackAsync(edit, lease, attempts);
                    break;
            }
        }
        catch (LeaseLostException exception)
        {
            // The message is the other worker's too, or will be found done: it is left alone.
            activity?.SetStatus(ActivityStatusCode.Error, "fenced");
            LeaseLost(logger, exception.Message);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            OutOfTime(logger, edit.Id.Value, stage.Name());
            await GiveBackAsync(edit, lease, attempts);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            await FailAttemptAsync(edit, lease, exception, deadline);
        }
    }

    // Message first: a record that has moved on always has a message behind it.
    private async Task MoveOnAsync(EditLease edit, MessageLease lease, CancellationToken cancellationToken)
    {
        var next = edit.Record.Stage + 1;
        await stages.SendAsync(edit.Id, next, cancellationToken);
        await edit.UpdateAsync(
            record => record with { Stage = next, State = EditState.Queued, Claim = null, Attempts = 0, LastFailure = null },
            cancellationToken);
        await lease.DeleteAsync(cancellationToken);
    }

    private async Task EndAsync(
        EditLease edit, MessageLease lease, EditState state, EditProblem? problem, CancellationToken cancellationToken, PublishedResults? results = null)
    {
        await WriteEndAsync(edit, state, problem, results, cancellationToken);
        await lease.DeleteAsync(cancellationToken);
    }

    private async Task WriteEndAsync(
        EditLease edit, EditState state, EditProblem? problem, PublishedResults? results, CancellationToken cancellationToken)
    {
        await edit.UpdateAsync(
            record => record with
            {
                State = state,
                Ended = time.GetUtcNow(),
                Claim = null,
                Error = problem,
                Results = results?.Folder,
                ResultSha256 = results?.PicturesSha256,
            },
            cancellationToken);
        Ended.Add(1, new KeyValuePair<string, object?>("state", state.ToString()));
        EndedWith(logger, edit.Id.Value, state, problem?.Message);
        await completion.ConcludeAsync(edit.Record, cancellationToken);
    }

    // A preemption is no failure: unless a checkpoint has reset the count, it is what it was before the claim.
    private async Task GiveBackAsync(EditLease edit, MessageLease lease, int attempts)
    {
        Preempted.Add(1);
        await TryReturnAsync(edit, record => record with { Attempts = record.Attempts == attempts ? attempts - 1 : record.Attempts });
        await lease.ReleaseAsync(TimeSpan.Zero, CancellationToken.None);
        GaveBack(logger, edit.Id.Value, edit.Record.Stage.Name(), edit.Record.StatusOf(edit.Record.Stage).Step);
    }

    private async Task FailAttemptAsync(EditLease edit, MessageLease lease, Exception exception, CancellationToken cancellationToken)
    {
        AttemptFailed(logger, exception, edit.Id.Value, edit.Record.Stage.Name(), edit.Record.Attempts, options.MaxAttempts);
        await TryReturnAsync(edit, record => record with { LastFailure = exception.Message });
        if (edit.Record.Attempts >= options.MaxAttempts) await GiveUpAsync(edit, lease, cancellationToken);
        else await lease.ReleaseAsync(Disposition.Backoff(edit.Record.Attempts, options.AttemptBackoff, LongestBackoff), cancellationToken);
    }

    private async Task GiveUpAsync(EditLease edit, MessageLease lease, CancellationToken cancellationToken)
    {
        var record = edit.Record;
        var why = record.LastFailure ?? "the worker died each time, perhaps for want of memory";
        var problem = new EditProblem(
            "stage-failed", $"Stage {record.Stage.Name()} was tried {options.MaxAttempts} times without getting any further: {why}", record.Stage);
        await WriteEndAsync(edit, EditState.Failed, problem, null, cancellationToken);
        await lease.PoisonAsync(cancellationToken);
    }

    // When even this cannot be written, the message comes back by itself and the next claim goes on.
    private async Task TryReturnAsync(EditLease edit, Func<EditRecord, EditRecord> change)
    {
        try
        {
            await edit.UpdateAsync(record => change(record) with { State = EditState.Queued, Claim = null }, CancellationToken.None);
        }
        catch (Exception exception) when (exception is LeaseLostException || StorageErrors.IsStorageError(exception))
        {
            NotReturned(logger, exception, edit.Id.Value);
        }
    }
}
