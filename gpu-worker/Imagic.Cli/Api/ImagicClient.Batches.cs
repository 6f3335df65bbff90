using System.Net;
using System.Net.Http.Json;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;

namespace Imagic.Cli.Api;

/// <content>Uploads and batches.</content>
internal sealed partial class ImagicClient
{
    /// <summary>Uploads a picture straight to storage.</summary>
    /// <returns>What to call it as a source.</returns>
    public async Task<string> UploadAsync(string path, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var ticket = await TicketAsync(new(Path.GetFileName(path)), cancellationToken);
            try
            {
                using var response = await SendAsync(() => Put(new Uri(ticket.Url), File.OpenRead(path)), cancellationToken);
                return ticket.Name;
            }
            catch (ApiException exception) when (attempt == 1 && exception.Status is HttpStatusCode.Forbidden or HttpStatusCode.Conflict)
            {
                // A ticket works once: the picture may be there, and only the answer was lost.
            }
        }

        static HttpRequestMessage Put(Uri address, Stream content) => new(HttpMethod.Put, address)
        {
            Headers = { { "x-ms-blob-type", "BlockBlob" } },
            Content = new StreamContent(content) { Headers = { ContentType = new("application/octet-stream") } },
        };
    }

    /// <summary>Starts a batch, unless one of that name is there.</summary>
    /// <returns>Whether it had not been there with another manifest.</returns>
    public async Task<bool> StartBatchAsync(string batch, byte[] manifest, bool isCsv, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(
                () => new(HttpMethod.Put, PathOf(batch))
                {
                    Content = new ByteArrayContent(manifest) { Headers = { ContentType = new(isCsv ? "text/csv" : "application/x-ndjson") } },
                },
                cancellationToken);
            return true;
        }
        catch (ApiException exception) when (exception.Code == "batch-exists")
        {
            return false;
        }
    }

    /// <summary>Reads a batch; null until its manifest has been read.</summary>
    public Task<BatchView?> FindBatchAsync(string batch, CancellationToken cancellationToken) => UnlessMissingAsync<BatchView>(
        async () => await ReadAsync(() => new(HttpMethod.Get, PathOf(batch)), ContractsJsonContext.Default.BatchView, cancellationToken));

    /// <summary>The contact sheet of a batch; null when it has none.</summary>
    public Task<byte[]?> DownloadContactSheetAsync(string batch, CancellationToken cancellationToken) => UnlessMissingAsync<byte[]>(
        async () => await DownloadAsync($"{PathOf(batch)}/contact-sheet", cancellationToken));

    private static string PathOf(string batch) => $"batches/{Uri.EscapeDataString(batch)}";

    // By the name alone the server refuses some pictures; what is none, it tells by the content.
    private async Task<UploadTicket> TicketAsync(UploadRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(
                () => new(HttpMethod.Post, "uploads") { Content = JsonContent.Create(request, ContractsJsonContext.Default.UploadRequest) },
                ContractsJsonContext.Default.UploadTicket, cancellationToken);
        }
        catch (ApiException exception) when (request.Name is not null && exception.Code == "unsupported-format")
        {
            return await TicketAsync(new(), cancellationToken);
        }
    }
}
