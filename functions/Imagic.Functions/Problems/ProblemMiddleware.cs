using System.Text.Encodings.Web;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Imagic.Functions.Problems;

/// <summary>
/// Answers requests: with what the function returns, or with a <see cref="Problem"/> when it fails. It stands around
/// functions, since their exceptions do not get to the middleware of ASP.NET Core.
/// </summary>
internal sealed class ProblemMiddleware(ExceptionProblems problems, TimeProvider time) : IFunctionsWorkerMiddleware
{
    // Storage calls have been retried for seconds before this is told; an edit takes longer.
    private const int RetryAfterSeconds = 10;

    /// <summary>The front end gives up after 230 s, and the host ends the whole app at its functionTimeout of 10 minutes.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(230);

    // Quotes stay quotes: people read this in a terminal, and no browser may take it for a page.
    private static readonly FunctionsJsonContext Json =
        new(new(FunctionsJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is not { } http)
        {
            await next(context);
            return;
        }

        var aborted = http.RequestAborted;
        using var late = new CancellationTokenSource(Timeout, time);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(aborted, late.Token, context.CancellationToken);
        http.RequestAborted = cancelled.Token;
        try
        {
            await next(context);
            var result = context.GetInvocationResult();
            if (result.Value is IResult answer) await answer.ExecuteAsync(http);
            result.Value = null; // else it is also written into the message to the host
        }
        catch (Exception thrown) when (!http.Response.HasStarted)
        {
            http.RequestAborted = aborted;
            var exception = thrown is AggregateException { InnerException: { } inner } ? inner : thrown; // as the worker's package passes it on
            if (aborted.IsCancellationRequested) return; // nobody is there to be told
            // Headers that were set on the way to a success do not belong to the failure.
            http.Response.Clear();
            var problem = late.IsCancellationRequested && exception is OperationCanceledException
                ? ExceptionProblems.OfStatus(StatusCodes.Status408RequestTimeout) : problems.Of(exception, http);
            if (problem.Status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests) http.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.StatusCode = problem.Status;
            await DropRestAsync(http.Request, cancelled.Token);
            if (OpenAiError.IsSpokenAt(http.Request.Path)) await OpenAiError.Of(problem).WriteAsync(http.Response, aborted);
            else await http.Response.WriteAsJsonAsync(problem, Json.Problem, Problem.MediaType, aborted);
        }
    }

    // Reads what is left of a body and drops it: who is cut off while sending never sees the answer. Who waits to be told
    // to send is told the answer instead.
    private static async Task DropRestAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.Headers.Expect.Count > 0) return;
        try
        {
            await request.Body.CopyToAsync(Stream.Null, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Too slow, too long or broken off. The answer is what it was.
        }
    }
}
