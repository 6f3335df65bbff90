using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Storage;

namespace Imagic.Functions.Batches;

/// <summary>A manifest as it was read.</summary>
/// <param name="ETag">Names its content.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Content">The bytes; null when there are too many.</param>
internal sealed record ManifestBlob(ETag ETag, long Length, BinaryData? Content);

/// <summary>A blob that this program writes, as it was read.</summary>
/// <param name="ETag">What a write must be conditional on.</param>
/// <param name="Value">What it says; null when it is no such JSON.</param>
internal sealed record Stored<T>(ETag ETag, T? Value);

/// <summary>The blobs of batches.</summary>
internal sealed class BatchBlobs(StorageAccount account)
{
    private static readonly BlobHttpHeaders Json = new() { ContentType = "application/json" };

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

    /// <summary>Reads the report of a batch; null when there is none.</summary>
    public Task<Stored<BatchReport>?> ReadReportAsync(string batch, CancellationToken cancellationToken) =>
        ReadAsync(StoragePaths.BatchReport(batch), ContractsJsonContext.Default.BatchReport, cancellationToken);

    /// <summary>Writes the report of a batch; false when somebody else has written it since it was read.</summary>
    public async Task<bool> TryWriteReportAsync(
        string batch, BatchReport report, ETag? before, CancellationToken cancellationToken)
    {
        try
        {
            await Blob(StoragePaths.BatchReport(batch)).UploadAsync(
                BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(report, ContractsJsonContext.Default.BatchReport)),
                new BlobUploadOptions
                {
                    HttpHeaders = Json,
                    Conditions = before is { } etag ? new() { IfMatch = etag } : new() { IfNoneMatch = ETag.All },
                },
                cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.IsMissing() || exception.IsConflict())
        {
            return false;
        }
    }

    /// <summary>Reads the summary of a batch; null when there is none.</summary>
    public Task<Stored<BatchSummary>?> ReadSummaryAsync(string batch, CancellationToken cancellationToken) =>
        ReadAsync(StoragePaths.BatchSummary(batch), ContractsJsonContext.Default.BatchSummary, cancellationToken);

    /// <summary>Writes the summary of a batch.</summary>
    public Task WriteSummaryAsync(string batch, BatchSummary summary, CancellationToken cancellationToken) =>
        Blob(StoragePaths.BatchSummary(batch)).UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(summary, ContractsJsonContext.Default.BatchSummary)),
            new BlobUploadOptions { HttpHeaders = Json },
            cancellationToken);

    /// <summary>Takes away what an older run ended with, so that a summary always belongs to the report beside it.</summary>
    public async Task DeleteSummaryAsync(string batch, ETag summary, CancellationToken cancellationToken)
    {
        await Blob(StoragePaths.BatchContactSheet(batch)).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        try
        {
            await Blob(StoragePaths.BatchSummary(batch)).DeleteIfExistsAsync(
                conditions: new() { IfMatch = summary }, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status == 412)
        {
            // A newer one, which stays.
        }
    }

    private async Task<Stored<T>?> ReadAsync<T>(string name, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class, IVersioned
    {
        try
        {
            var answer = await Blob(name).DownloadContentAsync(cancellationToken);
            T? value;
            try
            {
                value = Versioning.Read(answer.Value.Content, type, name);
            }
            catch (JsonException)
            {
                value = null; // somebody else's file in this place
            }

            return new(answer.Value.Details.ETag, value);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }

    private BlobClient Blob(string name) => account.Batches.GetBlobClient(name);
}
