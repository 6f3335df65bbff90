using Imagic.Contracts.Edits;
using Imagic.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Imagic.Functions.Edits.Waiting;

/// <summary>Being told of an edit instead of asking.</summary>
[Tags("Edits")]
internal sealed class EventsFunctions(EditRecords records, EventStream events)
{
    [Function("GetEditEvents")]
    [EndpointSummary("Server-sent events: the edit as GetEdit tells it, now and whenever it changes (event 'edit'), until it has ended or is gone (event 'gone').")]
    [Takes(ParameterLocation.Header, EventStream.LastEventId, "The id of the newest event that has been seen; 204 when nothing comes after it.")]
    [ProducesResponseType<string>(StatusCodes.Status200OK, EventStream.MediaType)]
    [ProducesResponseType(StatusCodes.Status204NoContent)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/edits/{editId}/events")] HttpRequest request)
    {
        var id = EditAnswers.IdOf(request);
        return await events.RunAsync(request, await records.ReadAsync(id, request.HttpContext.RequestAborted) ?? throw EditAnswers.NotFound(id));
    }
}
