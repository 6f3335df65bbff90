using Imagic.Contracts.Edits;
using Imagic.Runtime.Storage;

namespace Imagic.Functions.Edits;

/// <summary>Giving up an edit.</summary>
internal static class CancelEdit
{
    /// <summary>At once when no worker has it, otherwise at the worker's next step.</summary>
    public static async Task<IResult> PostAsync(
        string editId, HttpResponse response, EditRecords records, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = EditAnswers.ParseId(editId);
        var record = await records.UpdateAsync(id, current => Cancel(current, time.GetUtcNow()), cancellationToken)
            ?? throw EditAnswers.NotFound(id);
        return EditAnswers.View(response, record, record.Value.HasEnded() ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private static EditRecord? Cancel(EditRecord record, DateTimeOffset now) => record switch
    {
        _ when record.HasEnded() => null,
        { State: EditState.Queued, Claim: null } => record with { State = EditState.Cancelled, CancelRequested = true, Ended = now },
        { CancelRequested: true } => null,
        _ => record with { CancelRequested = true },
    };
}
