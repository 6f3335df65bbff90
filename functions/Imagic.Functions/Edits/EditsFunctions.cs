using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Imagic.Functions.Edits;

/// <summary>Edits over HTTP: starting them, looking at them, giving them up.</summary>
[Tags("Edits")]
internal sealed class EditsFunctions(
    EditStarter starter, EditRecords records, EditIndex index, ListEdits list, FunctionsOptions options, TimeProvider time)
{
    [Function("StartEdit")]
    [EndpointSummary("Start an edit under an id of your choice; repeating the call is safe.")]
    [Consumes(typeof(EditRequest), "application/json", "multipart/form-data")]
    [ProducesResponseType<EditView>(StatusCodes.Status202Accepted)]
    [ProducesProblems(400, 408, 409, 413, 415, 429, 503)]
    public Task<IResult> StartAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "edits/{editId}")] HttpRequest request) =>
        StartAsync(EditAnswers.IdOf(request), request);

    [Function("StartNewEdit")]
    [EndpointSummary("Start an edit under a new id; with an Idempotency-Key, repeating the call is safe.")]
    [Consumes(typeof(EditRequest), "application/json", "multipart/form-data")]
    [Takes(ParameterLocation.Header, StartEdit.KeyHeader, "Names the call: sending it again with the same key gives the same edit.")]
    [ProducesResponseType<EditView>(StatusCodes.Status202Accepted)]
    [ProducesProblems(400, 408, 409, 413, 415, 429, 503)]
    public Task<IResult> StartNewAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "edits")] HttpRequest request) =>
        StartAsync(StartEdit.IdOf(request, time), request);

    [Function("GetEdit")]
    [EndpointSummary("How far an edit is. Send the ETag as If-None-Match to hear of changes only.")]
    [Takes(ParameterLocation.Header, "If-None-Match", "The ETag of what is known already.")]
    [ProducesResponseType<EditView>(StatusCodes.Status200OK)]
    [ProducesResponseType(StatusCodes.Status304NotModified)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "edits/{editId}")] HttpRequest request)
    {
        var id = EditAnswers.IdOf(request);
        var record = await records.ReadAsync(id, request.HttpContext.RequestAborted) ?? throw EditAnswers.NotFound(id);
        return EditAnswers.View(request, record, request.Knows(new(record.ETag.ToString("H"))) ? StatusCodes.Status304NotModified : StatusCodes.Status200OK);
    }

    [Function("ListEdits")]
    [EndpointSummary("Edits, the newest first. A page may be short, or empty, and still have a continuation.")]
    [Takes(ParameterLocation.Query, "state", "Only the edits in this state.")]
    [Takes(ParameterLocation.Query, "limit", "Most edits of the page.")]
    [Takes(ParameterLocation.Query, "continuation", "Where the page before ended.")]
    [ProducesResponseType<EditList>(StatusCodes.Status200OK)]
    [ProducesProblems(400, 503)]
    public async Task<IResult> ListAsync([HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "edits")] HttpRequest request) =>
        TypedResults.Json(await list.RunAsync(request.Query, request.HttpContext.RequestAborted), ContractsJsonContext.Default.EditList);

    [Function("CancelEdit")]
    [EndpointSummary("Give up an edit: at once while it waits, at its next step while it runs (202).")]
    [ProducesResponseType<EditView>(StatusCodes.Status200OK)]
    [ProducesResponseType<EditView>(StatusCodes.Status202Accepted)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> CancelAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "edits/{editId}/cancel")] HttpRequest request)
    {
        var id = EditAnswers.IdOf(request);
        var record = await records.UpdateAsync(id, current => Cancel(current, time.GetUtcNow()), request.HttpContext.RequestAborted)
            ?? throw EditAnswers.NotFound(id);
        if (record.Value.State == EditState.Cancelled) await index.WriteAsync(record.Value, request.HttpContext.RequestAborted);
        return EditAnswers.View(request, record, record.Value.HasEnded() ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private async Task<IResult> StartAsync(EditId id, HttpRequest request)
    {
        var edit = await StartEdit.ReadAsync(request, starter, request.HttpContext.RequestAborted);
        // Whoever has sent all of it may go: half a start would hold the id without an edit.
        using var limit = new CancellationTokenSource(ProblemMiddleware.Timeout, time);
        var started = await starter.StartAsync(id, edit, Caller.Of(request, options), batch: null, limit.Token);
        if (started is { Outcome: not StartOutcome.Conflict, Record: { } record })
        {
            request.HttpContext.Response.Headers.Location = $"/api/edits/{id}";
            return EditAnswers.View(request, record, StatusCodes.Status202Accepted);
        }

        throw new RequestProblemException(
            "edit-exists", StatusCodes.Status409Conflict,
            $"The id '{id}' belongs to an edit with another picture, text, model or settings. Start this one under a new id.", "editId");
    }

    // At once when no worker has it, otherwise at the worker's next step.
    private static EditRecord? Cancel(EditRecord record, DateTimeOffset now) => record switch
    {
        _ when record.HasEnded() => null,
        { State: EditState.Queued, Claim: null } => record with { State = EditState.Cancelled, CancelRequested = true, Ended = now },
        { CancelRequested: true } => null,
        _ => record with { CancelRequested = true },
    };
}
