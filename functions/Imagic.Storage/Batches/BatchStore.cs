using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;

namespace Imagic.Storage.Batches;

/// <summary>A manifest as it was read.</summary>
/// <param name="ETag">Names its content.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Content">The bytes; null when there are too many.</param>
/// <param name="Webhook">Where the ends of the batch and of its edits are told.</param>
public sealed record ManifestBlob(ETag ETag, long Length, BinaryData? Content, string? Webhook);

/// <summary>A batch all of whose lines have ended.</summary>
/// <param name="Report">What became of each line.</param>
/// <param name="Marks">Names of the blobs that mark the ends.</param>
/// <param name="Summary">Where somebody has summed it up.</param>
public sealed record EndedBatch(BatchReport Report, IReadOnlyList<string> Marks, BatchSummary? Summary = null);

/// <summary>The blobs of batches: manifests, and for each a folder with report, summary, contact sheet and marks of ended lines.</summary>
public sealed class BatchStore(StorageAccount account)
{
    // Metadata of a manifest.
    private const string WebhookKey = "webhook";

    // Metadata of reports and summaries: all that a list needs of them, however many lines they have.
    private const string RunKey = "run", CreatedKey = "created", AcceptedKey = "accepted", RejectedKey = "rejected";

    private const int ParallelReads = 16;

    private readonly VersionedBlob<BatchReport> _reports = new(account.Batches, ContractsJsonContext.Default.BatchReport, report => new()
    {
        [RunKey] = report.Run,
        [CreatedKey] = report.Created.ToString("O", CultureInfo.InvariantCulture),
        [AcceptedKey] = report.Accepted.Length.ToString(CultureInfo.InvariantCulture),
        [RejectedKey] = report.Rejected.Length.ToString(CultureInfo.InvariantCulture),
    });

    private readonly VersionedBlob<BatchSummary> _summaries = new(
        account.Batches, ContractsJsonContext.Default.BatchSummary, summary => new() { [RunKey] = summary.Run });

    /// <summary>A page of batches by name: one call for the page and two for each batch on it, which read no content.</summary>
    /// <param name="continuation">Where the page before ended; null begins with the first.</param>
    /// <param name="count">Most batches; manifests and other blobs beside them take places, too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<BatchList> ListAsync(string? continuation, int count, CancellationToken cancellationToken)
    {
        var page = await account.Batches.GetBlobsByHierarchyAsync(BlobTraits.None, BlobStates.None, "/", null, cancellationToken)
            .AsPages(continuation, count).FirstAsync(cancellationToken);
        var names = page.Values.Where(item => item.IsPrefix).Select(item => item.Prefix.TrimEnd('/')).Where(name => ManifestName.TryParse(name, out _)).ToList();
        var batches = new ListedBatch?[names.Count];
        await Parallel.ForEachAsync(
            names.Index(), new ParallelOptions { MaxDegreeOfParallelism = ParallelReads, CancellationToken = cancellationToken },
            async (item, cancellation) => batches[item.Index] = await LookAsync(item.Item, cancellation));
        return new([.. batches.OfType<ListedBatch>()], page.ContinuationToken is { Length: > 0 } token ? token : null);
    }

    /// <summary>Reads a manifest; null when it is gone.</summary>
    public async Task<ManifestBlob?> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = (await Blob(name).DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
            var length = answer.Details.ContentLength;
            var content = length <= ManifestReader.MaxBytes ? await BinaryData.FromStreamAsync(answer.Content, cancellationToken) : null;
            return new(answer.Details.ETag, length, content, answer.Details.Metadata.TryGetValue(WebhookKey, out var webhook) ? webhook : null);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }

    /// <summary>Creates a manifest, which starts its batch; false when another is there. The same again changes nothing.</summary>
    public async Task<bool> CreateManifestAsync(ManifestName name, ReadOnlyMemory<byte> content, string? webhook, CancellationToken cancellationToken)
    {
        var metadata = webhook is null ? null : new Dictionary<string, string> { [WebhookKey] = webhook };
        try
        {
            await Blob(name.Value).UploadAsync(
                BinaryData.FromBytes(content), new BlobUploadOptions { Conditions = new() { IfNoneMatch = ETag.All }, Metadata = metadata }, cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.IsConflict())
        {
            var found = await ReadManifestAsync(name.Value, cancellationToken);
            return found?.Content is { } other && other.ToMemory().Span.SequenceEqual(content.Span);
        }
    }

    /// <summary>Reads the report of a batch; null when there is none.</summary>
    /// <exception cref="UnreadableBatchException">It was written by a newer program.</exception>
    public Task<Stored<BatchReport>?> ReadReportAsync(string batch, CancellationToken cancellationToken) =>
        ReadAsync(_reports, StoragePaths.BatchReport(batch), cancellationToken);

    /// <summary>Writes the report of a batch; false when somebody else has written it since it was read.</summary>
    public async Task<bool> TryWriteReportAsync(string batch, BatchReport report, ETag? before, CancellationToken cancellationToken)
    {
        var name = StoragePaths.BatchReport(batch);
        var written = before is { } read
            ? await _reports.ReplaceAsync(name, report, read, cancellationToken)
            : await _reports.CreateAsync(name, report, cancellationToken);
        return written is not null;
    }

    /// <summary>Reads the summary of a batch; null when there is none.</summary>
    /// <exception cref="UnreadableBatchException">It was written by a newer program.</exception>
    public Task<Stored<BatchSummary>?> ReadSummaryAsync(string batch, CancellationToken cancellationToken) =>
        ReadAsync(_summaries, StoragePaths.BatchSummary(batch), cancellationToken);

    /// <summary>Writes the summary of a batch.</summary>
    public Task WriteSummaryAsync(string batch, BatchSummary summary, CancellationToken cancellationToken) =>
        _summaries.WriteAsync(StoragePaths.BatchSummary(batch), summary, cancellationToken);

    /// <summary>Takes away what an older run ended with, so that a summary always belongs to the report beside it.</summary>
    public async Task DeleteSummaryAsync(string batch, ETag summary, CancellationToken cancellationToken)
    {
        await ContactSheet(batch).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        try
        {
            await Blob(StoragePaths.BatchSummary(batch)).DeleteIfExistsAsync(
                conditions: new() { IfMatch = summary }, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.IsConflict())
        {
            // A newer one, which stays.
        }
    }

    /// <summary>The contact sheet of a batch.</summary>
    public BlobClient ContactSheet(string batch) => Blob(StoragePaths.BatchContactSheet(batch));

    /// <summary>Writes the contact sheet of a batch, a PNG.</summary>
    public Task WriteContactSheetAsync(string batch, byte[] png, CancellationToken cancellationToken) => ContactSheet(batch).UploadAsync(
        BinaryData.FromBytes(png), new BlobUploadOptions { HttpHeaders = new() { ContentType = "image/png" } }, cancellationToken);

    /// <summary>Marks the end of a line's edit; may be done again. Each end is marked before the marks are counted, so whoever marks last sees all.</summary>
    /// <returns>The batch once all lines have ended, with its marks or, where it is summed up, its summary; else null.</returns>
    public async Task<EndedBatch?> MarkEndedAsync(BatchReference line, EditId edit, CancellationToken cancellationToken)
    {
        // Of an overwritten manifest only the newest run is summed up.
        if (await ReadReportAsync(line.Name, cancellationToken) is not { ValueOrNull: { } report } || report.Run != line.Run) return null;
        if ((await ReadSummaryAsync(line.Name, cancellationToken))?.ValueOrNull is { } summary && summary.Run == line.Run) return new(report, [], summary);
        await Blob(StoragePaths.BatchEnded(line)).UploadAsync(BinaryData.FromString(edit.Value), overwrite: true, cancellationToken);
        var marks = new List<string>();
        await foreach (var mark in account.Batches.GetBlobsAsync(
            BlobTraits.None, BlobStates.None, StoragePaths.BatchEndedFolder(line.Name, line.Run), cancellationToken))
        {
            marks.Add(mark.Name);
        }

        return marks.Count < report.Accepted.Length ? null : new(report, marks);
    }

    /// <summary>Takes marks away that have been counted.</summary>
    public async Task DeleteMarksAsync(IReadOnlyList<string> marks, CancellationToken cancellationToken)
    {
        foreach (var mark in marks) await Blob(mark).DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }

    /// <summary>Reads what a deletion that has begun is about; null when there is none.</summary>
    /// <exception cref="UnreadableBatchException">It was written by a newer program.</exception>
    public Task<Stored<BatchReport>?> ReadDeletingAsync(string batch, CancellationToken cancellationToken) =>
        ReadAsync(_reports, StoragePaths.BatchBeingDeleted(batch), cancellationToken);

    /// <summary>Says that the deletion of a batch begins.</summary>
    public Task WriteDeletingAsync(string batch, BatchReport report, CancellationToken cancellationToken) =>
        _reports.WriteAsync(StoragePaths.BatchBeingDeleted(batch), report, cancellationToken);

    /// <summary>The ETag of a manifest; null when it is gone.</summary>
    public async Task<ETag?> FindManifestAsync(string name, CancellationToken cancellationToken) =>
        (await FindAsync(name, cancellationToken))?.ETag;

    /// <summary>Deletes a manifest unless it was overwritten meanwhile.</summary>
    public Task DeleteManifestAsync(string name, ETag read, CancellationToken cancellationToken) => Blob(name).TryDeleteAsync(read, cancellationToken);

    /// <summary>Deletes a report unless it was overwritten meanwhile.</summary>
    public Task DeleteReportAsync(string batch, ETag read, CancellationToken cancellationToken) =>
        Blob(StoragePaths.BatchReport(batch)).TryDeleteAsync(read, cancellationToken);

    // Null where there is no report, or somebody else's file in its place.
    private async Task<ListedBatch?> LookAsync(string name, CancellationToken cancellationToken)
    {
        var report = await FindAsync(StoragePaths.BatchReport(name), cancellationToken);
        if (Told(report, RunKey) is not { } run
            || !DateTimeOffset.TryParseExact(Told(report, CreatedKey), "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var created)
            || !int.TryParse(Told(report, AcceptedKey), CultureInfo.InvariantCulture, out var accepted)
            || !int.TryParse(Told(report, RejectedKey), CultureInfo.InvariantCulture, out var rejected))
        {
            return null;
        }

        var summary = await FindAsync(StoragePaths.BatchSummary(name), cancellationToken);
        return new(name, created, accepted + rejected, accepted, rejected, Told(summary, RunKey) == run);

        static string? Told(BlobProperties? blob, string key) => blob?.Metadata.TryGetValue(key, out var value) == true ? value : null;
    }

    private async Task<BlobProperties?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await Blob(name).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }

    private static async Task<Stored<T>?> ReadAsync<T>(VersionedBlob<T> blobs, string name, CancellationToken cancellationToken)
        where T : class, IVersioned
    {
        try
        {
            return await blobs.ReadAsync(name, cancellationToken);
        }
        catch (SchemaException exception)
        {
            throw new UnreadableBatchException(name, exception);
        }
    }

    private BlobClient Blob(string name) => account.Batches.GetBlobClient(name);
}

/// <summary>There is a report or a summary, and this program cannot read it. Nothing is done about its batch.</summary>
public sealed class UnreadableBatchException(string blob, Exception? inner = null) : ImagicException(
    "batch-unreadable", FaultKind.Failed,
    $"The blob {StoragePaths.Batches}/{blob} cannot be read, so nothing is done about its batch. {inner?.Message ?? "It is no such JSON. Upload the manifest again, which writes it anew."}", inner);
