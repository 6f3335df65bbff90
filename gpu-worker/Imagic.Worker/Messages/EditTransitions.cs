using System.Diagnostics.Metrics;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Storage;
using Imagic.Storage.Telemetry;
using Imagic.Worker.Leases;
using Imagic.Worker.Stages;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Messages;

/// <summary>What becomes of a claimed edit and its message, in an order that a worker may die in anywhere.</summary>
internal sealed partial class EditTransitions(
    StageSender stages, EditCompletion completion, WorkerOptions options, TimeProvider time, ILogger<EditTransitions> logger)
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(60);

    private static readonly Counter<long> Ended = ImagicTelemetry.Meter.CreateCounter<long>("imagic.edits.ended");
    private static readonly Counter<long> Preempted = ImagicTelemetry.Meter.CreateCounter<long>("imagic.stage.preemptions");

    public TimeSpan PauseAfter(long failures) => Disposition.Backoff(failures, options.AttemptBackoff, LongestBackoff);

    // Message first: a record that has moved on always has a message behind it.
    public async Task MoveOnAsync(EditLease edit, MessageLease lease, CancellationToken cancellationToken)
    {
        foreach (var next in edit.Record.DueAfter(edit.Stage)) await stages.SendAsync(edit.Id, next, cancellationToken);
        await edit.UpdateAsync(record => record.MovedOnFrom(edit.Stage), cancellationToken);
        await lease.DeleteAsync(cancellationToken);
    }

    // Record first: the message of a stage that is over would be dropped. If it is never sent, this one comes again and
    // is told by its id.
    public async Task GoBackAsync(EditLease edit, MessageLease lease, StageOutcome.Missing missing, CancellationToken cancellationToken)
    {
        var restart = new EditRestart((edit.Record.Restart?.Count ?? 0) + 1, lease.Id, missing.Why);
        if (restart.Count > options.MaxRestarts)
        {
            var why = $"The edit went back to an earlier stage {options.MaxRestarts} times, and again a stage cannot start. {missing.Why}";
            await EndAsync(edit, lease, EditState.Failed, new("result-missing", why, edit.Stage), cancellationToken);
            return;
        }

        WentBack(logger, edit.Id.Value, missing.Stage.Name(), restart.Count, options.MaxRestarts, missing.Why);
        await edit.UpdateAsync(
            record => record.With(edit.Stage, record.TurnOf(edit.Stage) with { Claim = null }).BackAt(missing.Stage) with { Restart = restart }, cancellationToken);
        await stages.SendAsync(edit.Id, missing.Stage, cancellationToken);
        await lease.DeleteAsync(cancellationToken);
    }

    public async Task EndAsync(
        EditLease edit, MessageLease lease, EditState state, EditProblem? problem, CancellationToken cancellationToken, PublishedResults? results = null)
    {
        await WriteEndAsync(edit, state, problem, results, cancellationToken);
        await lease.DeleteAsync(cancellationToken);
    }

    // A preemption is no failure: unless a checkpoint has reset the count, it is what it was before the claim.
    public async Task GiveBackAsync(EditLease edit, MessageLease lease, int attempts)
    {
        Preempted.Add(1);
        await TryReturnAsync(edit, turn => WithoutAttempt(turn, attempts));
        await lease.ReleaseAsync(TimeSpan.Zero, CancellationToken.None);
        GaveBack(logger, edit.Id.Value, edit.Stage.Name(), edit.Record.StatusOf(edit.Stage).Step);
    }

    /// <summary>This machine cannot do it. Others may, at once; only what none of them can do comes to an end.</summary>
    public async Task LeaveToOthersAsync(EditLease edit, MessageLease lease, int attempts, MachineException fault)
    {
        await TryReturnAsync(edit, turn => WithoutAttempt(turn, attempts) with { MachineFaults = turn.MachineFaults + 1, LastFailure = fault.Message });
        var faults = edit.Turn.MachineFaults;
        MachineFailed(logger, fault, edit.Id.Value, edit.Stage.Name(), faults, options.MaxMachineFaults);
        if (faults >= options.MaxMachineFaults)
            await GiveUpAsync(edit, lease, "no-worker", $"{faults} workers in turn lacked disk, memory or a device for it", CancellationToken.None);
        else
            await lease.ReleaseAsync(faults <= 1 ? TimeSpan.Zero : PauseAfter(faults - 1), CancellationToken.None);
    }

    public async Task FailAttemptAsync(EditLease edit, MessageLease lease, Exception exception, CancellationToken cancellationToken)
    {
        AttemptFailed(logger, exception, edit.Id.Value, edit.Stage.Name(), edit.Turn.Attempts, options.MaxAttempts);
        await TryReturnAsync(edit, turn => turn with { LastFailure = exception.Message });
        if (edit.Turn.Attempts >= options.MaxAttempts) await GiveUpAsync(edit, lease, cancellationToken);
        else await lease.ReleaseAsync(PauseAfter(edit.Turn.Attempts), cancellationToken);
    }

    public Task GiveUpAsync(EditLease edit, MessageLease lease, CancellationToken cancellationToken) => GiveUpAsync(
        edit, lease, "stage-failed", $"it was tried {options.MaxAttempts} times without getting any further", cancellationToken);

    private async Task GiveUpAsync(EditLease edit, MessageLease lease, string code, string what, CancellationToken cancellationToken)
    {
        var stage = edit.Stage;
        var why = edit.Turn.LastFailure ?? "the worker died each time, perhaps for want of memory";
        await WriteEndAsync(edit, EditState.Failed, new(code, $"Stage {stage.Name()} came to nothing: {what}. {why}", stage), null, cancellationToken);
        if (edit.Record.DeleteRequested) await lease.DeleteAsync(cancellationToken);
        else await lease.PoisonAsync(cancellationToken);
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
                SuperResolution = record.SuperResolution is { } turn ? turn with { Claim = null } : null,
                Error = problem,
                Results = results?.Folder,
                ResultSha256 = results?.PicturesSha256,
                Notices = results?.Notices ?? [],
                Withheld = results?.Withheld ?? [],
            },
            cancellationToken);
        Ended.Add(1, new KeyValuePair<string, object?>("state", state.ToString()));
        EndedWith(logger, edit.Id.Value, state, problem?.Message);
        if (results?.Withheld.Length > 0) Withheld(logger, edit.Id.Value, results.Withheld.Length);
        await completion.ConcludeAsync(edit.Current, cancellationToken);
    }

    // When even this cannot be written, the message comes back by itself and the next claim goes on.
    private async Task TryReturnAsync(EditLease edit, Func<EditTurn, EditTurn> change)
    {
        try
        {
            await edit.UpdateAsync(record => record.With(edit.Stage, change(record.TurnOf(edit.Stage)) with { Claim = null }), CancellationToken.None);
        }
        catch (Exception exception) when (exception is LeaseLostException || StorageErrors.IsStorageError(exception))
        {
            NotReturned(logger, exception, edit.Id.Value);
        }
    }

    private static EditTurn WithoutAttempt(EditTurn turn, int attempts) => turn with { Attempts = turn.Attempts == attempts ? attempts - 1 : turn.Attempts };

    [LoggerMessage(Level = LogLevel.Warning, Message = "edit {EditId}: back to {Stage}, time {Restart} of {MaxRestarts}. {Why}")]
    private static partial void WentBack(ILogger logger, string editId, string stage, int restart, int maxRestarts, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "edit {EditId}: this machine cannot do {Stage}, which goes to others; the worker ends. {Faults} of {MaxFaults} such faults in a row")]
    private static partial void MachineFailed(ILogger logger, Exception exception, string editId, string stage, int faults, int maxFaults);

    [LoggerMessage(Level = LogLevel.Information, Message = "edit {EditId}: the safety checker withholds {Count} files")]
    private static partial void Withheld(ILogger logger, string editId, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "edit {EditId}: {State} {Problem}")]
    private static partial void EndedWith(ILogger logger, string editId, EditState state, string? problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "edit {EditId}: {Stage} given back at step {Step}")]
    private static partial void GaveBack(ILogger logger, string editId, string stage, int step);

    [LoggerMessage(Level = LogLevel.Error, Message = "edit {EditId}: {Stage} failed, attempt {Attempt} of {MaxAttempts}")]
    private static partial void AttemptFailed(ILogger logger, Exception exception, string editId, string stage, int attempt, int maxAttempts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "edit {EditId}: the record could not be written; the message comes back by itself")]
    private static partial void NotReturned(ILogger logger, Exception exception, string editId);
}
