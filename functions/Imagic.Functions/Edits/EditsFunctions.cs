using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Webhooks;
using Imagic.Functions.Edits.Waiting;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Imagic.Functions.Edits;

/// <summary>Edits over HTTP: starting them, looking at them, giving them up, deleting them.</summary>
[Tags("Edits")]
internal sealed class EditsFunctions(
    EditStarter starter, Resampler resampler, EditRecords records, EditWait wait, ListEdits list, CancelEdit cancel, EditDeletion deletion,
    WebhookStatuses statuses, FunctionsOptions options, TimeProvider time)
{
    [Function("StartEdit")]
    [EndpointSummary("Start an edit under an id of your choice; repeating the call is safe.")]
    [Consumes(typeof(EditRequest), "application/json", "multipart/form-data")]
    [Takes(ParameterLocation.Header, PreferWait.Header, PreferWait.ForTheEnd)]
    [ProducesResponseType<EditView>(StatusCodes.Status200OK)]
    [ProducesResponseType<EditView>(StatusCodes.Status202Accepted)]
    [ProducesProblems(400, 408, 409, 413, 415, 429, 503)]
    public Task<IResult> StartAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "api/edits/{editId}")] HttpRequest request) =>
        StartAsync(EditAnswers.IdOf(request), request);

    [Function("StartNewEdit")]
    [EndpointSummary("Start an edit under a new id; with an Idempotency-Key, repeating the call is safe.")]
    [Consumes(typeof(EditRequest), "application/json", "multipart/form-data")]
    [Takes(ParameterLocation.Header, StartEdit.KeyHeader, "Names the call: sending it again with the same key gives the same edit.")]
    [Takes(ParameterLocation.Header, PreferWait.Header, PreferWait.ForTheEnd)]
    [ProducesResponseType<EditView>(StatusCodes.Status200OK)]
    [ProducesResponseType<EditView>(StatusCodes.Status202Accepted)]
    [ProducesProblems(400, 408, 409, 413, 415, 429, 503)]
    public Task<IResult> StartNewAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/edits")] HttpRequest request) =>
        StartAsync(StartEdit.IdOf(request, time), request);

    [Function("SampleEdit")]
    [EndpointSummary("More pictures of an edit's tuning, as a new edit: other strengths, seeds, steps or texts. Only sampling is computed.")]
    [Consumes(typeof(SampleRequest), "application/json")]
    [Takes(ParameterLocation.Header, StartEdit.KeyHeader, "Names the call: sending it again with the same key gives the same edit.")]
    [Takes(ParameterLocation.Header, PreferWait.Header, PreferWait.ForTheEnd)]
    [ProducesResponseType<EditView>(StatusCodes.Status200OK)]
    [ProducesResponseType<EditView>(StatusCodes.Status202Accepted)]
    [ProducesProblems(400, 404, 408, 409, 413, 415, 429, 503)]
    public async Task<IResult> SampleAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/edits/{editId}/samples")] HttpRequest request)
    {
        var (from, aborted) = (EditAnswers.IdOf(request), request.HttpContext.RequestAborted);
        var id = StartEdit.IdOf(request, time);
        if (!request.HasJsonContentType()) throw RequestBody.WrongType(request, "application/json");
        var sample = RequestJson.Read<SampleRequest>((await RequestBody.ReadJsonAsync(request, aborted)).Span, "body");
        var record = await records.ReadAsync(from, aborted) ?? throw EditAnswers.NotFound(from);
        return await StartAsync(id, request, token => resampler.StartAsync(id, record.Value, sample, Caller.Of(request, options), token));
    }

    [Function("ListSamples")]
    [EndpointSummary("The edit and those that sample the same tuning, the newest first.")]
    [ProducesResponseType<EditList>(StatusCodes.Status200OK)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> ListSamplesAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/edits/{editId}/samples")] HttpRequest request)
    {
        var (id, aborted) = (EditAnswers.IdOf(request), request.HttpContext.RequestAborted);
        var record = await records.ReadAsync(id, aborted) ?? throw EditAnswers.NotFound(id);
        return TypedResults.Json(await list.OfTuningAsync(record.Value, aborted), ContractsJsonContext.Default.EditList);
    }

    [Function("GetEdit")]
    [EndpointSummary("How far an edit is. Send the ETag as If-None-Match to hear of changes only.")]
    [Takes(ParameterLocation.Header, "If-None-Match", "The ETag of what is known already.")]
    [Takes(ParameterLocation.Header, PreferWait.Header, PreferWait.ForAChange)]
    [ProducesResponseType<EditView>(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/edits/{editId}")] HttpRequest request)
    {
        var id = EditAnswers.IdOf(request);
        var first = await records.ReadAsync(id, request.HttpContext.RequestAborted) ?? throw EditAnswers.NotFound(id);
        // Whoever knows something else than what is there now has something to hear.
        var knowsOther = request.HasConditions() && !IsKnown(first);
        var record = await wait.RunAsync(
            request, first, now => now.Value.HasEnded() || now != first || knowsOther, time.GetTimestamp());
        var told = record.Value is { Webhook: not null } ended && ended.HasEnded()
            ? await statuses.FindAsync(WebhookMessage.Of(ended), request.HttpContext.RequestAborted) : null;
        return EditAnswers.View(request, record, IsKnown(record, told) ? StatusCodes.Status304NotModified : StatusCodes.Status200OK, told);

        bool IsKnown(Stored<EditRecord> now, Stored<WebhookStatus>? told = null) => request.Knows(EditAnswers.TagOf(now, told));
    }

    [Function("ListEdits")]
    [EndpointSummary("Edits, the newest first. A page may be short, or empty, and still have a continuation.")]
    [Takes(ParameterLocation.Query, "state", "Only the edits in this state.")]
    [Takes(ParameterLocation.Query, "limit", "Most edits of the page.")]
    [Takes(ParameterLocation.Query, "continuation", "Where the page before ended.")]
    [ProducesResponseType<EditList>(StatusCodes.Status200OK)]
    [ProducesProblems(400, 503)]
    public async Task<IResult> ListAsync([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/edits")] HttpRequest request) =>
        TypedResults.Json(await list.RunAsync(request.Query, request.HttpContext.RequestAborted), ContractsJsonContext.Default.EditList);

    [Function("CancelEdit")]
    [EndpointSummary("Give up an edit: at once while it waits, at its next step while it runs (202).")]
    [ProducesResponseType<EditView>(StatusCodes.Status200OK)]
    [ProducesResponseType<EditView>(StatusCodes.Status202Accepted)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> CancelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/edits/{editId}/cancel")] HttpRequest request)
    {
        var record = await cancel.RunAsync(EditAnswers.IdOf(request), request.HttpContext.RequestAborted);
        return EditAnswers.View(request, record, record.Value.HasEnded() ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    [Function("DeleteEdit")]
    [EndpointSummary("Delete an edit and all that belongs to it: at once (204), or, while a worker has it, as soon as that stops (202). Repeating the call is safe.")]
    [ProducesResponseType<EditView>(StatusCodes.Status202Accepted)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/edits/{editId}")] HttpRequest request)
    {
        var id = EditAnswers.IdOf(request);
        var cancellationToken = request.HttpContext.RequestAborted;
        var marked = await deletion.RequestAsync(id, isGivenUp: false, cancellationToken) ?? throw EditAnswers.NotFound(id);
        return await deletion.TryFinishAsync(marked, cancellationToken)
            ? TypedResults.NoContent() : EditAnswers.View(request, marked, StatusCodes.Status202Accepted);
    }

    private async Task<IResult> StartAsync(EditId id, HttpRequest request)
    {
        var edit = await StartEdit.ReadAsync(request, starter, request.HttpContext.RequestAborted);
        return await StartAsync(id, request, token => starter.StartAsync(id, edit, Caller.Of(request, options), batch: null, token));
    }

    private async Task<IResult> StartAsync(EditId id, HttpRequest request, Func<CancellationToken, Task<StartedEdit>> start)
    {
        var began = time.GetTimestamp();
        var record = await StartEdit.RunAsync(id, start, time);
        request.HttpContext.Response.Headers.Location = $"/api/edits/{id}";
        var now = await wait.RunAsync(request, record, latest => latest.Value.HasEnded(), began);
        var hasWaited = now.Value.HasEnded() && PreferWait.Of(request) is not null;
        return EditAnswers.View(request, now, hasWaited ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }
}
