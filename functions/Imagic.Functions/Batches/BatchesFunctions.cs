using Azure;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Results;
using Imagic.Contracts.Webhooks;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Functions.Sas;
using Imagic.Functions.Webhooks;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Webhooks;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Imagic.Functions.Batches;

/// <summary>Batches over HTTP: starting them, looking at them, deleting them.</summary>
[Tags("Batches")]
internal sealed class BatchesFunctions(
    BatchStore batches, BatchDeletion deletion, BlobSasIssuer sas, WebhookStatuses statuses, WebhookOptions webhooks)
{
    private const string Csv = "text/csv";
    private const string JsonLines = "application/x-ndjson";

    // Not in the address, which logs keep.
    private const string WebhookHeader = "Imagic-Webhook";

    // Reading a manifest takes about as long, and so does an edit of a small picture.
    private const int RetryAfterSeconds = 2;

    [Function("StartBatch")]
    [EndpointSummary("Start an edit for each line of a manifest, as JSON Lines or CSV; repeating the call is safe.")]
    [Consumes(typeof(string), JsonLines, Csv)]
    [Takes(ParameterLocation.Header, WebhookHeader, "Where the ends of the batch and of its edits are told; a line may name another for its edit.")]
    [ProducesResponseType(StatusCodes.Status202Accepted)]
    [ProducesProblems(400, 408, 409, 413, 415, 503)]
    public async Task<IResult> StartAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "api/batches/{batch}")] HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var manifest = NameOf(request);
        CheckType(request, manifest);
        var webhook = RequestedWebhook.Check(request.Headers[WebhookHeader] is { Count: > 0 } header ? header.ToString() : null, webhooks);
        var content = await RequestBody.ReadAsync(
            request.Body, ManifestReader.MaxBytes, "manifest-too-large", $"The manifest has more than {ManifestReader.MaxBytes:N0} bytes. Split it.", cancellationToken);
        if (!await batches.CreateManifestAsync(manifest, content, webhook, cancellationToken))
        {
            throw new RequestProblemException(
                "batch-exists", StatusCodes.Status409Conflict,
                $"The name '{manifest.Value}' belongs to a batch with another manifest. Start this one under a new name.", "batch");
        }

        request.HttpContext.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
        return TypedResults.Accepted($"/api/batches/{Uri.EscapeDataString(manifest.Value)}");
    }

    [Function("GetBatch")]
    [EndpointSummary("What became of each line, and, once all edits have ended, how. Send the ETag as If-None-Match to hear of changes only.")]
    [Takes(ParameterLocation.Header, "If-None-Match", "The ETag of what is known already.")]
    [ProducesResponseType<BatchView>(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/batches/{batch}")] HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var name = NameOf(request).Value;
        var told = await batches.ReadReportAsync(name, cancellationToken) ?? throw NotFound(name);
        var report = told.ValueOrNull ?? throw new UnreadableBatchException(StoragePaths.BatchReport(name));
        var summary = await batches.ReadSummaryAsync(name, cancellationToken);
        if (summary is { ValueOrNull: null }) throw new UnreadableBatchException(StoragePaths.BatchSummary(name));
        // One of an older run stands beside a newer report for a moment.
        if (summary?.Value.Run != report.Run) summary = null;
        var status = report.Webhook is not null && summary is not null
            ? await statuses.FindAsync(WebhookMessage.Of(name, summary.Value), cancellationToken) : null;
        var webhook = report.Webhook is { } url ? status?.Value.View ?? new(url) : null;

        var headers = request.HttpContext.Response.Headers;
        var etag = new EntityTagHeaderValue($"\"{string.Join('-', new[] { told.ETag, summary?.ETag, status?.ETag }.OfType<ETag>().Select(tag => tag.Text()))}\"");
        headers.ETag = etag.ToString();
        headers.CacheControl = "no-cache";
        if (summary is null) headers.RetryAfter = $"{RetryAfterSeconds}";
        return request.Knows(etag)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Json(new(report, summary?.Value, webhook), ContractsJsonContext.Default.BatchView);
    }

    [Function("ListBatches")]
    [EndpointSummary("Batches whose manifests have been read, by name. A page may be short, or empty, and still have a continuation.")]
    [Takes(ParameterLocation.Query, "limit", "Most batches of the page.")]
    [Takes(ParameterLocation.Query, "continuation", "Where the page before ended.")]
    [ProducesResponseType<BatchList>(StatusCodes.Status200OK)]
    [ProducesProblems(400, 503)]
    public async Task<IResult> ListAsync([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/batches")] HttpRequest request)
    {
        var list = await PageQuery.Of(request.Query).ReadAsync(
            (continuation, limit) => batches.ListAsync(continuation, limit, request.HttpContext.RequestAborted));
        return TypedResults.Json(list with { Continuation = PageQuery.Encode(list.Continuation) }, ContractsJsonContext.Default.BatchList);
    }

    [Function("GetContactSheet")]
    [EndpointSummary("Leads to one picture of all pictures, once all edits have ended, under an address that is good for 10 minutes and needs no key.")]
    [ProducesResponseType<FileLink>(StatusCodes.Status200OK, Description = BlobSasIssuer.Told)]
    [ProducesResponseType(StatusCodes.Status302Found, Description = BlobSasIssuer.Sent)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> GetContactSheetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/batches/{batch}/contact-sheet")] HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var name = NameOf(request).Value;
        var sheet = batches.ContactSheet(name);
        if (!await sheet.ExistsAsync(cancellationToken))
        {
            throw new RequestProblemException(
                "no-contact-sheet", StatusCodes.Status404NotFound,
                $"There is no contact sheet of a batch '{name}'. It comes when all its edits have ended, if there are any.", "batch");
        }

        return await sas.AnswerAsync(request, sheet, cancellationToken);
    }

    [Function("DeleteBatch")]
    [EndpointSummary("Delete a batch and all its edits: at once (204), or, while workers have some of them, in part (202): call again. Repeating the call is safe.")]
    [ProducesResponseType(StatusCodes.Status202Accepted)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/batches/{batch}")] HttpRequest request)
    {
        var name = NameOf(request);
        if (await deletion.RunAsync(name, request.HttpContext.RequestAborted) ?? throw NotFound(name.Value)) return TypedResults.NoContent();
        request.HttpContext.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static ManifestName NameOf(HttpRequest request)
    {
        var text = (string?)request.RouteValues["batch"] ?? "";
        // A slash in an address stays encoded.
        return ManifestName.TryParse(text, out var name) && !text.Contains("%2F", StringComparison.OrdinalIgnoreCase)
            ? name
            : throw new RequestProblemException(
                "invalid-batch-name", StatusCodes.Status400BadRequest, $"A batch has the name of its manifest: {ManifestName.Rule}, without folders.", "batch");
    }

    private static void CheckType(HttpRequest request, ManifestName name)
    {
        RequestBody.CheckCharset(request.ContentType, "Content-Type");
        var wanted = name.IsCsv ? Csv : JsonLines;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            throw RequestBody.WrongType(request, $"{wanted}, since the manifest is named '{name}'");
    }

    private static RequestProblemException NotFound(string name) => new(
        "batch-not-found", StatusCodes.Status404NotFound,
        $"There is no batch '{name}', or its manifest has not been read yet.", "batch");
}
