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
    EditRecords records, StageSender stages, StageJob job, EditCompletion completion, EditTransitions transitions,
    WorkerOptions options, TimeProvider time, ILogger<MessageHandler> logger)
{
    // Each time somebody has written the record in between.
    private const int MaxClaimTries = 10;

    private static readonly Histogram<double> StageSeconds = ImagicTelemetry.Meter.CreateHistogram<double>("imagic.stage.duration", "s");

    /// <summary>Handles one message.</summary>
    /// <param name="lease">The message.</param>
    /// <param name="queue">Where it came from, for the log.</param>
    /// <param name="stop">Stops after the current step.</param>
    /// <param name="deadline">Gives up whatever is going on.</param>
    /// <exception cref="MachineException">This machine lacks what the stage takes. The message is back on its queue.</exception>
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
        catch (Exception exception) when (exception is not OperationCanceledException && Failure.Of(exception) is FailureKind.Edit or FailureKind.Unforeseen)
        {
            // Whatever it is, a message must not end the worker, nor come back for ever.
            var isLast = lease.DequeueCount >= options.MaxAttempts;
            Unhandled(logger, exception, queue, lease.Id, lease.DequeueCount, options.MaxAttempts);
            if (isLast) await lease.PoisonAsync(deadline);
            else await lease.ReleaseAsync(transitions.PauseAfter(lease.DequeueCount), deadline);
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

        for (var tries = 0; ; tries++)
        {
            var stored = await records.ReadAsync(message.EditId, deadline);
            switch (tries < MaxClaimTries
                ? Disposition.Of(message, lease.Id, lease.DequeueCount, stored, options)
                : new Disposition.Wait(transitions.PauseAfter(lease.DequeueCount), "others write the record all the time"))
            {
                case Disposition.Acknowledge acknowledge:
                    Acknowledged(logger, message.EditId.Value, message.Stage.Name(), acknowledge.Why);
                    await lease.DeleteAsync(deadline);
                    return;
                case Disposition.Wait wait:
                    Waiting(logger, message.EditId.Value, message.Stage.Name(), wait.Why);
                    await lease.ReleaseAsync(wait.Delay, deadline);
                    return;
                case Disposition.SendBack:
                    foreach (var due in stored!.Value.Due()) await stages.SendAsync(message.EditId, due, deadline);
                    await lease.DeleteAsync(deadline);
                    return;
                case Disposition.Conclude:
                    await completion.ConcludeAsync(stored!, deadline);
                    await lease.DeleteAsync(deadline);
                    return;
                case Disposition.Discard:
                    Discarded(logger, message.EditId.Value);
                    await completion.DiscardAsync(message.EditId, deadline);
                    await lease.DeleteAsync(deadline);
                    return;
                case Disposition.GiveUp:
                    if (await TryClaimAsync(stored!, message.Stage, lease, deadline) is not { } lost) continue;
                    using (lost) await transitions.GiveUpAsync(lost, lease, deadline);
                    return;
                default:
                    if (await TryClaimAsync(stored!, message.Stage, lease, deadline) is not { } edit) continue;
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

    private async Task<EditLease?> TryClaimAsync(Stored<EditRecord> stored, EditStage stage, MessageLease lease, CancellationToken cancellationToken)
    {
        var (status, turn) = (stored.Value.StatusOf(stage), stored.Value.TurnOf(stage));
        var claimed = await records.ReplaceAsync(
            stored,
            stored.Value
                .With(status with { Resumes = status.Resumes + (status is { Checkpoint: not null, Done: false } ? 1 : 0) })
                .With(stage, turn with { Epoch = turn.Epoch + 1, Claim = new(options.Name, lease.Id, time.GetUtcNow()), Attempts = turn.Attempts + 1 }),
            cancellationToken);
        return claimed is null ? null : new(records, claimed, stage, time, lease.Lost);
    }

    private async Task WorkAsync(EditLease edit, MessageLease lease, string? traceParent, CancellationToken stop, CancellationToken deadline)
    {
        var stage = edit.Stage;
        var attempts = edit.Turn.Attempts;
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
                    await transitions.MoveOnAsync(edit, lease, deadline);
                    break;
                case StageOutcome.Done { Results: var results }:
                    await transitions.EndAsync(edit, lease, EditState.Succeeded, null, deadline, results);
                    break;
                case StageOutcome.Cancelled:
                    await transitions.EndAsync(edit, lease, EditState.Cancelled, null, deadline);
                    break;
                case StageOutcome.Missing missing:
                    activity?.SetStatus(ActivityStatusCode.Error, missing.Why);
                    await transitions.GoBackAsync(edit, lease, missing, deadline);
                    break;
                case StageOutcome.Failed { Problem: var problem }:
                    activity?.SetStatus(ActivityStatusCode.Error, problem.Message);
                    await transitions.EndAsync(edit, lease, EditState.Failed, problem, deadline);
                    break;
                default:
                    await transitions.GiveBackAsync(edit, lease, attempts);
                    break;
            }
        }
        catch (LeaseLostException exception)
        {
            // The message is the other worker's too, or will be found done: it is left alone.
            activity?.SetStatus(ActivityStatusCode.Error, "fenced");
            LeaseLost(logger, exception.Message);
            await RemoveRestAsync(edit.Id);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            OutOfTime(logger, edit.Id.Value, stage.Name());
            await transitions.GiveBackAsync(edit, lease, attempts);
        }
        catch (Exception exception) when (Failure.Of(exception) == FailureKind.Machine)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            var machine = Failure.OfMachine(exception);
            await transitions.LeaveToOthersAsync(edit, lease, attempts, machine);
            throw machine;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            await transitions.FailAttemptAsync(edit, lease, exception, deadline);
        }
    }

    // What was written before it was known that somebody has deleted the edit.
    private async Task RemoveRestAsync(EditId id)
    {
        try
        {
            await completion.RemoveRestAsync(id, CancellationToken.None);
        }
        catch (Exception exception) when (exception is UnreadableRecordException || StorageErrors.IsStorageError(exception))
        {
            RestNotRemoved(logger, exception, id.Value);
        }
    }
}
