using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Runtime.Storage;

namespace Imagic.Functions.Edits;

/// <summary>What all calls about one edit read and answer in the same way.</summary>
internal static class EditAnswers
{
    // A step of a stage takes about as long; the answer to an unchanged edit has no body.
    private const int RetryAfterSeconds = 2;

    /// <summary>Reads an id from the address.</summary>
    /// <exception cref="RequestProblemException">It is none.</exception>
    public static EditId ParseId(string text) => EditId.TryParse(text, out var id)
        ? id
        : throw new RequestProblemException(
            "invalid-edit-id", StatusCodes.Status400BadRequest, $"The edit id must have {EditId.Rule}.", "editId");

    /// <summary>There is no such edit.</summary>
    public static RequestProblemException NotFound(EditId id) => new(
        "edit-not-found", StatusCodes.Status404NotFound, $"There is no edit '{id}'. It may never have been started.", "editId");

    /// <summary>The edit as it is now.</summary>
    public static IResult View(HttpResponse response, StoredRecord record, int status)
    {
        SetHeaders(response, record);
        return TypedResults.Json(EditView.Of(record.Value), ContractsJsonContext.Default.EditView, statusCode: status);
    }

    /// <summary>Says which state of the edit is told, and when to ask for the next one.</summary>
    public static void SetHeaders(HttpResponse response, StoredRecord record)
    {
        response.Headers.ETag = record.ETag.ToString("H");
        response.Headers.CacheControl = "no-cache";
        if (!record.Value.HasEnded()) response.Headers.RetryAfter = $"{RetryAfterSeconds}";
    }
}
