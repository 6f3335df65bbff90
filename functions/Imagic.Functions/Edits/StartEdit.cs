using System.Text;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Storage;

namespace Imagic.Functions.Edits;

/// <summary>What a call to start an edit says.</summary>
internal static class StartEdit
{
    public const string KeyHeader = "Idempotency-Key";

    // As long as keys are in practice (a UUID or a hash), with room.
    private const int MaxKeyLength = 255;

    /// <summary>Reads and checks the edit that is asked for. Writes nothing.</summary>
    /// <exception cref="RequestProblemException">It cannot be done as it is.</exception>
    public static async Task<CheckedEdit> ReadAsync(HttpRequest request, EditStarter starter, CancellationToken cancellationToken)
    {
        RequestBody.CheckCharset(request.ContentType, "Content-Type");
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

    /// <summary>Starts what was checked, whether or not the client stays: half a start would hold the id without an edit.</summary>
    /// <exception cref="RequestProblemException">The id belongs to another edit.</exception>
    public static async Task<Stored<EditRecord>> RunAsync(EditId id, Func<CancellationToken, Task<StartedEdit>> start, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(ProblemMiddleware.Timeout, time);
        var started = await start(limit.Token);
        return started is { Outcome: not StartOutcome.Conflict, Record: { } record } ? record : throw EditAnswers.OtherThere(id);
    }

    /// <summary>The id of an edit for which the client has chosen none: a new one, or the one of the client's key.</summary>
    public static EditId IdOf(HttpRequest request, TimeProvider time)
    {
        var keys = request.Headers[KeyHeader];
        if (keys.Count == 0) return EditId.New(time.GetUtcNow());
        if (keys is not [{ Length: > 0 and <= MaxKeyLength } key] || !Ascii.IsValid(key))
        {
            throw new RequestProblemException(
                "invalid-idempotency-key", StatusCodes.Status400BadRequest,
                $"The {KeyHeader} must be given once and have 1 to {MaxKeyLength} characters, all ASCII.", KeyHeader);
        }

        return EditId.Derive("key", key);
    }
}
