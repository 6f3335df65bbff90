using System.Net;
using System.Net.Http.Json;
using Imagic.Contracts.Batches;

namespace Imagic.Client;

/// <content>Uploads and batches.</content>
public sealed partial class ImagicClient
{
    private static readonly TimeSpan DefaultPollInterval = TimeSpan.FromSeconds(2);

    /// <summary>Uploads a picture straight to the service's storage.</summary>
    /// <param name="picture">JPEG, PNG, WebP, GIF, BMP or TIFF, from its present position; it stays open.</param>
    /// <param name="fileName">What it is called.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What to call it as <see cref="EditRequest.Source"/>.</returns>
    public async Task<string> UploadAsync(Stream picture, string fileName, CancellationToken cancellationToken = default)
    {
        var bytes = await PictureContent.RepeatableAsync(picture, cancellationToken);
        var start = bytes.Position;
        for (var attempt = 1; ; attempt++)
        {
            var ticket = await TicketAsync(new(fileName), cancellationToken);
            bytes.Position = start;
            using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(ticket.Url)) { Content = new PictureContent(bytes) };
            request.Headers.Add("x-ms-blob-type", "BlockBlob");
            try
            {
                using var response = await SendAsync(request, cancellationToken);
                return ticket.Name;
            }
            catch (ImagicApiException exception) when (attempt == 1 && exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.Conflict)
            {
                // A ticket works once: the picture may be there, and only the answer was lost.
            }
        }
    }

    /// <summary>Starts an edit for each line of a manifest, or finds the very same batch started before.</summary>
    /// <param name="batch">Its name, and that of its manifest: ends in <c>.csv</c> for CSV, in <c>.jsonl</c> or <c>.ndjson</c> for JSON Lines.</param>
    /// <param name="manifest">Lines with <c>source</c> and <c>targetText</c>.</param>
    /// <param name="webhook">Where the ends of the batch and of its edits are told: an https address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ImagicApiException">With the code <c>batch-exists</c>: the name belongs to a batch with another manifest.</exception>
    public async Task StartBatchAsync(string batch, ReadOnlyMemory<byte> manifest, string? webhook = null, CancellationToken cancellationToken = default)
    {
        var type = batch.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? "text/csv" : "application/x-ndjson";
        using var request = new HttpRequestMessage(HttpMethod.Put, PathOf(batch))
        {
            Content = new ReadOnlyMemoryContent(manifest) { Headers = { ContentType = new(type) } },
        };
        if (webhook is not null) request.Headers.Add("Imagic-Webhook", webhook);
        using var response = await SendAsync(request, cancellationToken);
    }

    /// <summary>Reads a batch; null until its manifest has been read.</summary>
    public Task<BatchView?> FindBatchAsync(string batch, CancellationToken cancellationToken = default) => UnlessAsync(
        "batch-not-found",
        async () =>
        {
            using var request = Get(PathOf(batch));
            return await ReadAsync(request, ContractsJsonContext.Default.BatchView, cancellationToken);
        });

    /// <summary>Reads a page of batches, by name.</summary>
    /// <param name="limit">Most batches of the page, up to 100; null is 100.</param>
    /// <param name="continuation">Where the page before ended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<BatchList> ListBatchesAsync(int? limit = null, string? continuation = null, CancellationToken cancellationToken = default)
    {
        using var request = Get($"batches?{PageOf(limit, continuation)}");
        return await ReadAsync(request, ContractsJsonContext.Default.BatchList, cancellationToken);
    }

    /// <summary>Waits until all edits of a batch have ended.</summary>
    public async Task<BatchView> WaitForBatchAsync(string batch, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (await FindBatchAsync(batch, cancellationToken) is { Summary: not null } ended) return ended;
            await Task.Delay(_options.PollInterval ?? DefaultPollInterval, _time, cancellationToken);
        }
    }

    /// <summary>All pictures of a batch in one; null when it has none, or not yet.</summary>
    public Task<byte[]?> DownloadContactSheetAsync(string batch, CancellationToken cancellationToken = default) =>
        UnlessAsync("no-contact-sheet", () => DownloadAsync($"{PathOf(batch)}/contact-sheet", cancellationToken));

    /// <summary>Deletes a batch and all its edits; one that is not there is gone.</summary>
    /// <returns>False while workers have some of its edits: they stop, and another call finishes.</returns>
    public async Task<bool> DeleteBatchAsync(string batch, CancellationToken cancellationToken = default)
    {
        using var response = await DeleteAsync(PathOf(batch), "batch-not-found", cancellationToken);
        return response?.StatusCode != HttpStatusCode.Accepted;
    }

    private static string PathOf(string batch) => $"batches/{Uri.EscapeDataString(batch)}";

    // By the name alone the service refuses some pictures; what is none, it tells by the content.
    private async Task<UploadTicket> TicketAsync(UploadRequest wanted, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "uploads") { Content = JsonContent.Create(wanted, ContractsJsonContext.Default.UploadRequest) };
            return await ReadAsync(request, ContractsJsonContext.Default.UploadTicket, cancellationToken);
        }
        catch (ImagicApiException exception) when (wanted.Name is not null && exception.Code == "unsupported-format")
        {
            return await TicketAsync(new(), cancellationToken);
        }
    }
}
