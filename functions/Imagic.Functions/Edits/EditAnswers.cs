using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Webhooks;
using Imagic.Functions.Problems;
using Imagic.Storage;
using Microsoft.Net.Http.Headers;

namespace Imagic.Functions.Edits;

/// <summary>What all calls about one edit read and answer in the same way.</summary>
internal static class EditAnswers
{
    // A step of a stage takes about as long; the answer to an unchanged edit has no body.
    private const int RetryAfterSeconds = 2;

    /// <summary>The id in the address. Taken from the route: what the host binds by this name may also come from the query.</summary>
    /// <exception cref="RequestProblemException">It is none.</exception>
    public static EditId IdOf(HttpRequest request) => EditId.TryParse((string?)request.RouteValues["editId"], out var id)
        ? id
        : throw new RequestProblemException(
            "invalid-edit-id", StatusCodes.Status400BadRequest, $"The edit id must have {EditId.Rule}.", "editId");

    public static RequestProblemException NotFound(EditId id) => new(
        "edit-not-found", StatusCodes.Status404NotFound, $"There is no edit '{id}'. It was deleted, or never started.", "editId");

    public static RequestProblemException OtherThere(EditId id) => new(
        "edit-exists", StatusCodes.Status409Conflict,
        $"The id '{id}' belongs to an edit with another picture, text, model or settings. Start this one under a new id.", "editId");

    /// <summary>Where an edit is, or a file of its results, for whoever reached this service as the request did.</summary>
    public static string AddressOf(HttpRequest request, EditId id, string? name = null)
    {
        // Between the host and this app it is http; the worker's package takes the name of the host back by itself.
        var scheme = request.Headers["X-Forwarded-Proto"] == Uri.UriSchemeHttps ? Uri.UriSchemeHttps : request.Scheme;
        return $"{scheme}://{request.Host}/api/edits/{id}{(name is null ? "" : $"/results/{name}")}";
    }

    /// <summary>Names an answer.</summary>
    public static EntityTagHeaderValue TagOf(Stored<EditRecord> record, Stored<WebhookStatus>? told = null) =>
        new(told is null ? record.ETag.ToString("H") : $"\"{record.ETag.Text()}-{told.ETag.Text()}\"");

    /// <summary>The edit as it is now, with when to ask for its next state; 304 is without a body.</summary>
    /// <param name="request">What is answered.</param>
    /// <param name="record">The edit.</param>
    /// <param name="status">Status of the answer.</param>
    /// <param name="told">What became of telling its end, where that is known.</param>
    public static IResult View(HttpRequest request, Stored<EditRecord> record, int status, Stored<WebhookStatus>? told = null)
    {
        var headers = request.HttpContext.Response.Headers;
        headers.ETag = TagOf(record, told).ToString();
        headers.CacheControl = "no-cache";
        if (!record.Value.HasEnded() || record.Value.DeleteRequested) headers.RetryAfter = $"{RetryAfterSeconds}";
        return status == StatusCodes.Status304NotModified
            ? TypedResults.StatusCode(status)
            : TypedResults.Json(EditView.Of(record.Value) is var view && told is null ? view : view with { Webhook = told.Value.View }, ContractsJsonContext.Default.EditView, statusCode: status);
    }
}
