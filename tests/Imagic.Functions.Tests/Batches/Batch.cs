using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Functions.Tests.StorageEvents;

namespace Imagic.Functions.Tests.Batches;

/// <summary>What somebody does who drops manifests, and what they find.</summary>
internal static class Batch
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task DropAsync(this FunctionApp app, string manifest, string content)
    {
        await app.Account.Batches.TextAsync(manifest, content);
        await app.DeliverAsync(StoragePaths.Batches, manifest);
    }

    public static async Task<(BatchReport Report, string ETag)> ReportAsync(this FunctionApp app, string batch)
    {
        var answer = await app.Account.Batches.GetBlobClient(StoragePaths.BatchReport(batch)).DownloadContentAsync(Token);
        return (Versioning.Read(answer.Value.Content, ContractsJsonContext.Default.BatchReport, "the report"), answer.Value.Details.ETag.ToString());
    }

    public static async Task<BatchSummary?> SummaryAsync(this FunctionApp app, string batch)
    {
        var blob = app.Account.Batches.GetBlobClient(StoragePaths.BatchSummary(batch));
        return await blob.ExistsAsync(Token)
            ? Versioning.Read((await blob.DownloadContentAsync(Token)).Value.Content, ContractsJsonContext.Default.BatchSummary, "the summary") : null;
    }

    public static async Task<string[]> NamesAsync(this FunctionApp app) =>
        await app.Account.Batches.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, Token).Select(blob => blob.Name).ToArrayAsync(Token);
}
