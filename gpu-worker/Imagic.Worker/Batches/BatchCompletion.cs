using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Storage;

namespace Imagic.Worker.Batches;

/// <summary>
/// Finds out when all edits of a batch have ended, and then writes its contact sheet and summary. Each end is marked by a
/// blob before the marks are counted, so whoever marks last sees all of them.
/// </summary>
internal sealed class BatchCompletion(StorageAccount account, EditRecords records, TimeProvider time)
{
    private static readonly BlobUploadOptions Json = new() { HttpHeaders = new() { ContentType = "application/json" } };

    private readonly BlobContainerClient _batches = account.Batches;

    /// <summary>Marks the end of an edit; may be done again.</summary>
    /// <param name="line">Its line.</param>
    /// <param name="record">The edit as it ended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task MarkEndedAsync(BatchReference line, EditRecord record, CancellationToken cancellationToken)
    {
        if (await ReadAsync(StoragePaths.BatchReport(line.Name), ContractsJsonContext.Default.BatchReport, cancellationToken) is not { } report)
            return;
        // Of an overwritten manifest only the newest run is summed up.
        if (report.Run != line.Run || await IsSummedUpAsync(line, cancellationToken)) return;
        await _batches.GetBlobClient(StoragePaths.BatchEnded(line)).UploadAsync(
            BinaryData.FromString(record.EditId.Value), overwrite: true, cancellationToken);
        var marks = new List<string>();
        await foreach (var mark in _batches.GetBlobsAsync(
            BlobTraits.None, BlobStates.None, StoragePaths.BatchEndedFolder(line.Name, line.Run), cancellationToken))
            marks.Add(mark.Name);
        if (marks.Count < report.Accepted.Length) return;

        await SumUpAsync(line, report, cancellationToken);
        foreach (var mark in marks) await _batches.GetBlobClient(mark).DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }

    private async Task SumUpAsync(BatchReference batch, BatchReport report, CancellationToken cancellationToken)
    {
        var edits = new EditRecord?[report.Accepted.Length];
        await Parallel.ForAsync(
            0, edits.Length, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (i, token) => edits[i] = (await records.ReadAsync(report.Accepted[i].EditId, token))?.Value);
        var found = report.Accepted.Zip(edits).Where(pair => pair.Second is not null).Select(pair => (Line: pair.First, Edit: pair.Second!)).ToList();
        var sheet = await BatchSheet.RenderAsync(account.Edits, batch.Name, found, cancellationToken);
        await _batches.GetBlobClient(StoragePaths.BatchContactSheet(batch.Name)).UploadAsync(
            BinaryData.FromBytes(sheet), new BlobUploadOptions { HttpHeaders = new() { ContentType = "image/png" } }, cancellationToken);
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
                pair.Edit.Stages.Sum(stage => stage.Seconds), BatchSheet.SuggestedPicture(pair.Edit), pair.Edit.Error?.Message))],
        };
        await _batches.GetBlobClient(StoragePaths.BatchSummary(batch.Name)).UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(summary, ContractsJsonContext.Default.BatchSummary)), Json, cancellationToken);
    }

    private async Task<bool> IsSummedUpAsync(BatchReference line, CancellationToken cancellationToken) =>
        await ReadAsync(StoragePaths.BatchSummary(line.Name), ContractsJsonContext.Default.BatchSummary, cancellationToken) is { } summary
        && summary.Run == line.Run;

    private async Task<T?> ReadAsync<T>(
        string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class, IVersioned
    {
        try
        {
            var answer = await _batches.GetBlobClient(name).DownloadContentAsync(cancellationToken);
            return Versioning.Read(answer.Value.Content, type, name);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }
}
