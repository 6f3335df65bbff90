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
public sealed record ManifestBlob(ETag ETag, long Length, BinaryData? Content);

/// <summary>The blobs of batches: manifests, and for each a folder with report, summary, contact sheet and marks of ended lines.</summary>
public sealed class BatchStore(StorageAccount account)
{
    private readonly VersionedBlob<BatchReport> _reports = new(account.Batches, ContractsJsonContext.Default.BatchReport);
    private readonly VersionedBlob<BatchSummary> _summaries = new(account.Batches, ContractsJsonContext.Default.BatchSummary);

    /// <summary>Reads a manifest; null when it is gone.</summary>
    public async Task<ManifestBlob?> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = (await Blob(name).DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
            var length = answer.Details.ContentLength;
            var content = length <= ManifestReader.MaxBytes ? await BinaryData.FromStreamAsync(answer.Content, cancellationToken) : null;
            return new(answer.Details.ETag, length, content);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }

    /// <summary>Creates a manifest, which starts its batch; false when another is there. The same again changes nothing.</summary>
    public async Task<bool> CreateManifestAsync(ManifestName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            await Blob(name.Value).UploadAsync(
                BinaryData.FromBytes(content), new BlobUploadOptions { Conditions = new() { IfNoneMatch = ETag.All } }, cancellationToken);
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

    /// <summary>Marks the end of a line's edit; may be done again.</summary>
    /// <returns>The marks of the run that are there now: whoever marks last sees all of them.</returns>
    public async Task<IReadOnlyList<string>> MarkEndedAsync(BatchReference line, EditId edit, CancellationToken cancellationToken)
    {
        await Blob(StoragePaths.BatchEnded(line)).UploadAsync(BinaryData.FromString(edit.Value), overwrite: true, cancellationToken);
        var marks = new List<string>();
        await foreach (var mark in account.Batches.GetBlobsAsync(
            BlobTraits.None, BlobStates.None, StoragePaths.BatchEndedFolder(line.Name, line.Run), cancellationToken))
        {
            marks.Add(mark.Name);
        }

        return marks;
    }

    /// <summary>Takes marks away that have been counted.</summary>
    public async Task DeleteMarksAsync(IReadOnlyList<string> marks, CancellationToken cancellationToken)
    {
        foreach (var mark in marks) await Blob(mark).DeleteIfExistsAsync(cancellationToken: cancellationToken);
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
