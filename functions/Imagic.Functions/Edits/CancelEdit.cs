using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>Gives edits up.</summary>
internal sealed class CancelEdit(EditRecords records, EditIndex index, WebhookSender webhooks, TimeProvider time)
{
    /// <summary>Gives one up: at once when no worker has it, otherwise at the worker's next step.</summary>
    /// <exception cref="RequestProblemException">There is no such edit.</exception>
    public async Task<Stored<EditRecord>> RunAsync(EditId id, CancellationToken cancellationToken)
    {
        var record = await records.UpdateAsync(id, current => Cancelled(current, time.GetUtcNow()), cancellationToken) ?? throw EditAnswers.NotFound(id);
        if (record.Value is not { State: EditState.Cancelled, DeleteRequested: false }) return record;
        await index.WriteAsync(record.Value, cancellationToken);
        // A worker that finds its stage message does so, too.
        await webhooks.TellEndAsync(record.Value, cancellationToken);
        return record;
    }

    private static EditRecord? Cancelled(EditRecord record, DateTimeOffset now) => record switch
    {
        _ when record.HasEnded() => null,
        { State: EditState.Queued, Claim: null } => record with { State = EditState.Cancelled, CancelRequested = true, Ended = now },
        { CancelRequested: true } => null,
        _ => record with { CancelRequested = true },
    };
}
