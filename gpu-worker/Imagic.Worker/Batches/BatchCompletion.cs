using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Marks;
using Imagic.Storage;
using Imagic.Storage.Batches;

namespace Imagic.Worker.Batches;

/// <summary>
/// Finds out when all edits of a batch have ended, and then writes its contact sheet and summary.
/// </summary>
internal sealed class BatchCompletion(StorageAccount account, BatchStore batches, EditRecords records, WebhookSender webhooks, PictureMarks marks, TimeProvider time)
{
    /// <summary>Marks the end of an edit; may be done again.</summary>
    /// <param name="line">Its line.</param>
    /// <param name="record">The edit as it ended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task MarkEndedAsync(BatchReference line, EditRecord record, CancellationToken cancellationToken)
    {
        if (await batches.MarkEndedAsync(line, record.EditId, cancellationToken) is not { } ended) return;
        // Whoever has summed it up may not have come to telling that.
        var summary = ended.Summary ?? await SumUpAsync(line, ended.Report, cancellationToken);
        await webhooks.TellEndAsync(line.Name, ended.Report, summary, cancellationToken);
        await batches.DeleteMarksAsync(ended.Marks, cancellationToken);
    }

    // One that cannot be read is left out, as one that is gone, or about to go.
    private async Task<EditRecord?> TryReadAsync(EditId id, CancellationToken cancellationToken)
    {
        try
        {
            return await records.ReadAsync(id, cancellationToken) is { Value: { DeleteRequested: false } record } ? record : null;
        }
        catch (UnreadableRecordException)
        {
            return null;
        }
    }

    private async Task<BatchSummary> SumUpAsync(BatchReference batch, BatchReport report, CancellationToken cancellationToken)
    {
        var edits = new EditRecord?[report.Accepted.Length];
        await Parallel.ForAsync(
            0, edits.Length, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (i, token) => edits[i] = await TryReadAsync(report.Accepted[i].EditId, token));
        var found = report.Accepted.Zip(edits).Where(pair => pair.Second is not null).Select(pair => (Line: pair.First, Edit: pair.Second!)).ToList();
        var sheet = await BatchSheet.RenderAsync(account.Edits, batch.Name, found, cancellationToken);
        await batches.WriteContactSheetAsync(batch.Name, marks.Edited(sheet, source: null, batch.Name), cancellationToken);
        var summary = new BatchSummary
        {
            Manifest = report.Manifest,
            Run = report.Run,
            Ended = time.GetUtcNow(),
            Succeeded = found.Count(pair => pair.Edit.State == EditState.Succeeded),
            Failed = found.Count(pair => pair.Edit.State == EditState.Failed),
            Cancelled = found.Count(pair => pair.Edit.State == EditState.Cancelled),
            Rejected = report.Rejected.Length,
            Edits = [.. found.Select(pair => new EndedLine(
                pair.Line.Line, pair.Line.EditId, pair.Line.TargetText, pair.Edit.State,
                pair.Edit.Stages.Sum(stage => stage.Seconds), BatchSheet.SuggestedPicture(pair.Edit),
                pair.Edit.Error?.Message ?? (BatchSheet.IsWithheld(pair.Edit) ? "The suggested picture is withheld by the model's safety checker." : null)))],
        };
        await batches.WriteSummaryAsync(batch.Name, summary, cancellationToken);
        return summary;
    }
}
