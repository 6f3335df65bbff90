using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;

namespace Imagic.Storage;

/// <summary>A record as it was read or written.</summary>
/// <param name="Value">The record.</param>
/// <param name="ETag">What a write must be conditional on.</param>
/// <param name="Age">Time since it was last written, by the clock of the storage service.</param>
public sealed record StoredRecord(EditRecord Value, ETag ETag, TimeSpan Age);

/// <summary>
/// The records of edits. Every write is conditional: it succeeds only on what was read, and a write whose answer got
/// lost on the way is recognised as done.
/// </summary>
public sealed class EditRecords(StorageAccount account)
{
    /// <summary>Reads a record; null when there is no such edit.</summary>
    /// <exception cref="SchemaException">It was written by a newer program.</exception>
    public async Task<StoredRecord?> ReadAsync(EditId id, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await Blob(id).DownloadContentAsync(cancellationToken);
            var details = answer.Value.Details;
            var now = answer.GetRawResponse().Headers.Date ?? details.LastModified;
            return new(
                Versioning.Read(answer.Value.Content, ContractsJsonContext.Default.EditRecord, StoragePaths.Record(id)),
                details.ETag,
                now - details.LastModified);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }

    /// <summary>Creates a record; null when there is one already that somebody else created.</summary>
    public Task<StoredRecord?> CreateAsync(EditRecord record, CancellationToken cancellationToken) =>
        WriteAsync(record, new() { IfNoneMatch = ETag.All }, cancellationToken);

    /// <summary>Puts <paramref name="next"/> in the place of <paramref name="current"/>; null when that has changed meanwhile.</summary>
    public Task<StoredRecord?> ReplaceAsync(StoredRecord current, EditRecord next, CancellationToken cancellationToken) =>
        WriteAsync(next with { Sequence = current.Value.Sequence + 1 }, new() { IfMatch = current.ETag }, cancellationToken);

    /// <summary>Changes a record whoever else changes it meanwhile.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">Gives the record to write, or null to leave it as it is; may be called several times.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The record as it is then; null when there is no such edit.</returns>
    public async Task<StoredRecord?> UpdateAsync(
        EditId id, Func<EditRecord, EditRecord?> change, CancellationToken cancellationToken)
    {
        while (await ReadAsync(id, cancellationToken) is { } current)
        {
            if (change(current.Value) is not { } next) return current;
            if (await ReplaceAsync(current, next, cancellationToken) is { } written) return written;
        }

        return null;
    }

    private async Task<StoredRecord?> WriteAsync(
        EditRecord record, BlobRequestConditions conditions, CancellationToken cancellationToken)
    {
        record = record with { Revision = Guid.NewGuid().ToString("D") };
        var json = BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(record, ContractsJsonContext.Default.EditRecord));
        try
        {
            var answer = await Blob(record.EditId).UploadAsync(
                json,
                new BlobUploadOptions { Conditions = conditions, HttpHeaders = new() { ContentType = "application/json" } },
                cancellationToken);
            return new(record, answer.Value.ETag, TimeSpan.Zero);
        }
        catch (RequestFailedException exception) when (exception.IsConflict())
        {
            // A retry meets its own first attempt when that one's answer was lost.
            var found = await ReadAsync(record.EditId, cancellationToken);
            return found?.Value.Revision == record.Revision ? found : null;
        }
    }

    private BlobClient Blob(EditId id) => account.Edits.GetBlobClient(StoragePaths.Record(id));
}
