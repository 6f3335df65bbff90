using System.Text.Json.Serialization.Metadata;
using Azure;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Storage;

namespace Imagic.Cli.Batch;

/// <summary>A batch as it lies in storage.</summary>
internal sealed class BatchStorage(StorageAccount account)
{
    private const int ParallelUploads = 4;

    /// <summary>Uploads the pictures, then the manifest, which starts the batch. One that is there already is left alone.</summary>
    public async Task UploadAsync(LocalManifest manifest, string batch, CancellationToken cancellationToken)
    {
        var blob = account.Batches.GetBlobClient(manifest.BlobName(batch));
        if (await blob.ExistsAsync(cancellationToken)) return;
        await Parallel.ForEachAsync(
            manifest.Pictures,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelUploads, CancellationToken = cancellationToken },
            async (picture, token) => await account.Uploads.GetBlobClient($"{batch}/{picture.Name}").UploadAsync(picture.Path, overwrite: true, token));
        try
        {
            await blob.UploadAsync(
                BinaryData.FromBytes(manifest.Render(batch)),
                new BlobUploadOptions { Conditions = new() { IfNoneMatch = ETag.All } },
                cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.IsConflict())
        {
            // The same command beside this one was quicker; its manifest is the same.
        }
    }

    /// <summary>What became of each line; null until the manifest has been read.</summary>
    public Task<BatchReport?> ReadReportAsync(string batch, CancellationToken cancellationToken) =>
        ReadAsync(StoragePaths.BatchReport(batch), ContractsJsonContext.Default.BatchReport, cancellationToken);

    /// <summary>How it ended; null until it has.</summary>
    public Task<BatchSummary?> ReadSummaryAsync(string batch, CancellationToken cancellationToken) =>
        ReadAsync(StoragePaths.BatchSummary(batch), ContractsJsonContext.Default.BatchSummary, cancellationToken);

    private async Task<T?> ReadAsync<T>(string name, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class, IVersioned
    {
        try
        {
            var answer = await account.Batches.GetBlobClient(name).DownloadContentAsync(cancellationToken);
            return Versioning.Read(answer.Value.Content, type, name);
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }
}
