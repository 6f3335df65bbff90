using System.Diagnostics;
using System.Text.Encodings.Web;
using Azure;
using Azure.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace Imagic.Functions.Problems;

/// <summary>Makes every failure a <see cref="Problem"/>: refusals, unknown routes, storage that does not answer, mistakes.</summary>
public sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    // Storage calls have been retried for seconds before this is told.
    private const int RetryAfterSeconds = 10;

    // Quotes stay quotes: people read this in a terminal, and no browser may take it for a page.
    private static readonly FunctionsJsonContext Json =
        new(new(FunctionsJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null }) await AnswerAsync(context, OfStatus(context));
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            if (context.RequestAborted.IsCancellationRequested) return; // nobody is there to be told
            var problem = Of(exception, context);
            // Headers that were set on the way to a success do not belong to the failure.
            context.Response.Clear();
            if (problem.Status == StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
            await AnswerAsync(context, problem);
        }
    }

    private Problem Of(Exception exception, HttpContext context)
    {
        switch (exception)
        {
            case RequestProblemException refusal:
                LogRefused(context.Request.Method, context.Request.Path, refusal.Status, refusal.Code, refusal.Message);
                return Make(refusal.Status, refusal.Code, refusal.Message) with { Member = refusal.Member };
            case BadHttpRequestException bad:
                return OfStatus(bad.StatusCode);
            case RequestFailedException { Status: 0 or 408 or 429 or >= 500 } or AuthenticationFailedException or OperationCanceledException
                or IOException or HttpRequestException:
                LogStorage(exception, context.Request.Method, context.Request.Path);
                return Make(
                    StatusCodes.Status503ServiceUnavailable, "storage-unavailable",
                    "The storage account does not answer at the moment. Send the same request again later; repeating it is safe.");
            default:
                LogFailure(exception, context.Request.Method, context.Request.Path);
                return Make(
                    StatusCodes.Status500InternalServerError, "internal-error",
                    "Something went wrong here. Repeating the request is safe; if it fails again, report the trace id.")
                    with { TraceId = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier };
        }
    }

    private static Problem OfStatus(HttpContext context) => OfStatus(context.Response.StatusCode) switch
    {
        { Status: StatusCodes.Status404NotFound } problem =>
            problem with { Detail = $"There is nothing at {context.Request.Path}. /api/openapi.json lists what there is." },
        { Status: StatusCodes.Status405MethodNotAllowed } problem =>
            problem with { Detail = $"{context.Request.Method} is not possible here; {context.Response.Headers.Allow} is." },
        var problem => problem,
    };

    private static Problem OfStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => Make(status, "not-found", "There is nothing here."),
        StatusCodes.Status405MethodNotAllowed => Make(status, "method-not-allowed", "This method is not possible here."),
        StatusCodes.Status408RequestTimeout => Make(status, "request-timeout", "The body came too slowly. Send it again over a faster connection."),
        StatusCodes.Status413PayloadTooLarge => Make(status, "body-too-large", "The body is larger than is accepted here."),
        StatusCodes.Status415UnsupportedMediaType => Make(status, "unsupported-media-type", "Bodies of this type are not accepted here."),
        _ => Make(status, "bad-request", "The request could not be read. Check its headers and that its body is complete."),
    };

    private static Problem Make(int status, string code, string detail) => new(ReasonPhrases.GetReasonPhrase(status), status, code, detail);

    private static Task AnswerAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsJsonAsync(problem, Json.Problem, Problem.MediaType, context.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Refused {Method} {Path}: {Status} {Code}: {Detail}")]
    private partial void LogRefused(string method, PathString path, int status, string code, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Storage failed during {Method} {Path}")]
    private partial void LogStorage(Exception exception, string method, PathString path);

    [LoggerMessage(Level = LogLevel.Error, Message = "Unexpected failure of {Method} {Path}")]
    private partial void LogFailure(Exception exception, string method, PathString path);
}
