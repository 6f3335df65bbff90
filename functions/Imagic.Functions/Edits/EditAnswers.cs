using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Storage;

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
        "edit-not-found", StatusCodes.Status404NotFound, $"There is no edit '{id}'. It may never have been started.", "editId");

    /// <summary>The edit as it is now, with when to ask for its next state; 304 is without a body.</summary>
    public static IResult View(HttpRequest request, Stored<EditRecord> record, int status)
    {
        var headers = request.HttpContext.Response.Headers;
        headers.ETag = record.ETag.ToString("H");
        headers.CacheControl = "no-cache";
        if (!record.Value.HasEnded()) headers.RetryAfter = $"{RetryAfterSeconds}";
        return status == StatusCodes.Status304NotModified
            ? TypedResults.StatusCode(status)
            : TypedResults.Json(EditView.Of(record.Value), ContractsJsonContext.Default.EditView, statusCode: status);
    }
}
