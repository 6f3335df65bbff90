using Imagic.Contracts.Edits;
using Imagic.Functions.Hosting;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Edits;

/// <summary>Starting an edit over HTTP.</summary>
internal static class StartEdit
{
    // As long as keys are in practice (a UUID or a hash), with room.
    private const int MaxKeyLength = 255;

    /// <summary>The client names the edit, so that it may repeat the call.</summary>
    public static Task<IResult> PutAsync(string editId, HttpRequest request, EditStarter starter, CancellationToken cancellationToken) =>
        StartAsync(EditAnswers.ParseId(editId), request, starter, cancellationToken);

    /// <summary>The service names the edit, or the client's key does.</summary>
    public static Task<IResult> PostAsync(HttpRequest request, EditStarter starter, TimeProvider time, CancellationToken cancellationToken) =>
        StartAsync(IdOf(request, time), request, starter, cancellationToken);

    private static async Task<IResult> StartAsync(EditId id, HttpRequest request, EditStarter starter, CancellationToken cancellationToken)
    {
        var edit = await ReadAsync(request, starter, cancellationToken);
        var started = await starter.StartAsync(id, edit, batch: null, cancellationToken);
        if (started is { Outcome: not StartOutcome.Conflict, Record: { } record })
        {
            request.HttpContext.Response.Headers.Location = $"/api/edits/{id}";
            return EditAnswers.View(request.HttpContext.Response, record, StatusCodes.Status202Accepted);
        }

        throw new RequestProblemException(
            "edit-exists", StatusCodes.Status409Conflict,
            $"The id '{id}' belongs to an edit with another picture, text, model or settings. Start this one under a new id.", "editId");
    }

    private static async Task<CheckedEdit> ReadAsync(HttpRequest request, EditStarter starter, CancellationToken cancellationToken)
    {
        if (request.HasJsonContentType())
        {
            var json = await RequestBody.ReadJsonAsync(request, cancellationToken);
            return await starter.CheckAsync(RequestJson.Read<EditRequest>(json.Span, "body"), cancellationToken);
        }

        // A URL-encoded form is a form, too, but cannot hold a picture.
        if (request.HasFormContentType && request.ContentType!.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            var (edit, picture) = await EditForm.ReadAsync(request, cancellationToken);
            return await starter.CheckAsync(edit, picture, cancellationToken);
        }

        throw RequestBody.WrongType(request, "application/json, or multipart/form-data with the picture in it");
    }

    private static EditId IdOf(HttpRequest request, TimeProvider time)
    {
        var keys = request.Headers["Idempotency-Key"];
        if (keys.Count == 0) return EditId.New(time.GetUtcNow());
        if (keys is not [{ Length: > 0 and <= MaxKeyLength } key])
        {
            throw new RequestProblemException(
                "invalid-idempotency-key", StatusCodes.Status400BadRequest,
                $"The Idempotency-Key must be given once and have 1 to {MaxKeyLength} characters.", "Idempotency-Key");
        }

        return EditId.Derive("key", key);
    }
}
