using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;
using Imagic.Contracts;
using Imagic.Storage;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.EventGrid;

/// <summary>
/// Stands in for Event Grid: looks at the containers every so often, and puts an event on the queue for each blob that
/// is new or was written again. Remembered only after that, so every version is told at least once. Two versions
/// between two looks are told as one.
/// </summary>
internal sealed partial class BlobEventSource(StorageAccount account, TimeSpan interval, TimeProvider time, ILogger logger)
{
    /// <summary>Container in which the real host keeps its own blobs, too.</summary>
    public const string HostContainer = "azure-webjobs-hosts";

    /// <summary>Events sent at the same time.</summary>
    private const int Parallelism = 8;

    private static readonly string[] Watched = [StoragePaths.Uploads, StoragePaths.Batches];

    private readonly QueueClient _queue = account.Queues.GetQueueClient(StoragePaths.StorageEvents);
    private long _count;

    /// <summary>Runs until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var seen = new Dictionary<string, KnownBlobs>();
        while (!stop.IsCancellationRequested)
        {
            foreach (var container in Watched)
            {
                try
                {
                    if (!seen.TryGetValue(container, out var memory))
                        seen[container] = memory = await KnownBlobs.LoadAsync(account.Blobs.GetBlobContainerClient(HostContainer), container, stop);
                    await LookAsync(account.Blobs.GetBlobContainerClient(container), memory, stop);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return;
                }
                catch (RequestFailedException exception) when (exception.IsMissing())
                {
                    // The container or the queue is not there yet.
                }
                catch (Exception exception) when (StorageErrors.IsStorageError(exception))
                {
                    LogUnreachable(logger, container, exception.Message);
                }
            }

            await Task.Delay(interval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(BlobContainerClient container, KnownBlobs seen, CancellationToken cancellationToken)
    {
        var gone = seen.Names.ToHashSet();
        await foreach (var page in container.GetBlobsAsync(cancellationToken: cancellationToken).AsPages())
        {
            var blobs = page.Values.Select(blob => Listed(container, blob)).ToList();
            gone.ExceptWith(blobs.Select(blob => blob.Name));
            var told = blobs.Where(blob => !seen.Knows(blob)).ToList();
            await Parallel.ForEachAsync(
                told, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, TellAsync);
            foreach (var blob in told) seen.Add(blob);
            // After each page, so that little is told twice when the host is killed among thousands.
            await seen.SaveAsync(cancellationToken);
        }

        foreach (var name in gone) seen.Remove(name);
        await seen.SaveAsync(cancellationToken);
    }

    private async ValueTask TellAsync(ListedBlob blob, CancellationToken cancellationToken)
    {
        var sequencer = BlobCreated.Sequencer(time.GetUtcNow(), Interlocked.Increment(ref _count));
        var told = BlobCreated.For(account.Blobs.AccountName, blob, sequencer);
        await _queue.SendMessageAsync(
            QueueText.Encode(JsonSerializer.SerializeToUtf8Bytes(told, EventGridJsonContext.Default.BlobCreated)), cancellationToken);
        LogPublished(logger, blob.Container, blob.Name);
    }

    private static ListedBlob Listed(BlobContainerClient container, BlobItem blob) => new(
        container.Name,
        blob.Name,
        blob.Properties.ETag.GetValueOrDefault().ToString().Trim('"'),
        blob.Properties.ContentType ?? "application/octet-stream",
        blob.Properties.ContentLength ?? 0,
        $"{blob.Properties.BlobType ?? BlobType.Block}Blob",
        blob.Properties.LastModified.GetValueOrDefault(),
        container.GetBlobClient(blob.Name).Uri.AbsoluteUri);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Blob created: {Container}/{Blob}")]
    private static partial void LogPublished(ILogger logger, string container, string blob);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The container {Container} cannot be watched: {Problem}")]
    private static partial void LogUnreachable(ILogger logger, string container, string problem);
}
