using Imagic.Contracts.Edits;
using Imagic.Functions.Edits;
using Imagic.Functions.Edits.Waiting;
using Imagic.Functions.Problems;
using Imagic.Imaging;
using Imagic.Marks;
using Imagic.Storage;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace Imagic.Functions.OpenAi;

/// <summary>Edits as OpenAI's API has them, for programs that are written for it.</summary>
[Tags("OpenAI")]
internal sealed class ImageEditsFunctions(
    EditStarter starter, EditWait wait, EditResults results, ImageEditStream stream, PictureMarks marks, FunctionsOptions options, TimeProvider time)
{
    [Function("CreateImageEdit")]
    [EndpointSummary("Edit a picture, as OpenAI's API has it: the answer waits for the edit, as long as a call may take.")]
    [Consumes(typeof(string), "multipart/form-data")]
    [Takes(ParameterLocation.Header, StartEdit.KeyHeader, "Names the call: sending it again with the same key gives, or waits for, the same edit.")]
    [ProducesResponseType<ImageEditAnswer>(StatusCodes.Status200OK)]
    [ProducesProblems(400, 404, 408, 409, 413, 415, 422, 429, 503, 504)]
    public async Task<IResult> CreateAsync([HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/images/edits")] HttpRequest request)
    {
        var began = time.GetTimestamp();
        var (id, cancellationToken) = (StartEdit.IdOf(request, time), request.HttpContext.RequestAborted);
        var wanted = await ImageEditRequest.ReadAsync(request, cancellationToken);
        var record = await StartAsync(request, id, wanted);
        var patience = options.Patience - time.GetElapsedTime(began);
        if (wanted.IsStream) return await stream.RunAsync(request, wanted, record, patience) ? TypedResults.Empty : await TooManyWaitsAsync(request, id);
        if (await wait.UntilAsync(record, now => now.Value.HasEnded(), patience, cancellationToken) is not { } ended) return await TooManyWaitsAsync(request, id);
        return ended.Value.HasEnded() ? await AnswerAsync(request, wanted, ended.Value) : await GoesOnAsync(
            request, id, StatusCodes.Status504GatewayTimeout, "edit-goes-on", $"The edit '{id}' takes longer than a call may, and goes on.");
    }

    private async Task<Stored<EditRecord>> StartAsync(HttpRequest request, EditId id, ImageEditRequest wanted)
    {
        var edit = await starter.CheckAsync(wanted.Edit, wanted.Picture, request.HttpContext.RequestAborted);
        return await StartEdit.RunAsync(id, token => starter.StartAsync(id, edit, Caller.Of(request, options), batch: null, token), time);
    }

    private async Task<IResult> AnswerAsync(HttpRequest request, ImageEditRequest wanted, EditRecord ended)
    {
        var pictures = new List<ImageEditPicture>();
        foreach (var name in await results.PicturesAsync(ended, request.HttpContext.RequestAborted))
        {
            pictures.Add(wanted.ByUrl
                ? new(null, EditAnswers.AddressOf(request, ended.EditId, name))
                : new(wanted.Encode(await results.ReadAsync(ended.EditId, name, request.HttpContext.RequestAborted), marks).Base64, null));
        }

        request.HttpContext.Response.Headers.Location = EditAnswers.AddressOf(request, ended.EditId);
        return TypedResults.Json(
            new(time.GetUtcNow().ToUnixTimeSeconds(), wanted.FormatName, pictures), ImageEditJsonContext.Default.ImageEditAnswer);
    }

    private static Task<IResult> TooManyWaitsAsync(HttpRequest request, EditId id) => GoesOnAsync(
        request, id, StatusCodes.Status503ServiceUnavailable, "too-many-waits", $"Too many calls wait for edits here. The edit '{id}' has started, and goes on.");

    // Without a key, a client that sends the request again by itself would start another edit.
    private static async Task<IResult> GoesOnAsync(HttpRequest request, EditId id, int status, string code, string what)
    {
        var hasKey = request.Headers.ContainsKey(StartEdit.KeyHeader);
        var (response, address) = (request.HttpContext.Response, EditAnswers.AddressOf(request, id));
        response.Headers.Location = address;
        response.Headers[OpenAiError.RetryHeader] = hasKey ? "true" : "false";
        var repeat = hasKey ? $", or send the same request with the same {StartEdit.KeyHeader} again" : "";
        var problem = new Problem(ReasonPhrases.GetReasonPhrase(status), status, code, $"{what} Ask for it at {address}{repeat}.");
        await OpenAiError.Of(problem).WriteAsync(response, request.HttpContext.RequestAborted);
        return TypedResults.Empty;
    }
}
