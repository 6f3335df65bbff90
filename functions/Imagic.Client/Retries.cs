using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;

namespace Imagic.Client;

/// <summary>
/// How calls are repeated. All may be: edits and batches are named by the client, cancelling twice is cancelling, what is deleted twice is gone, a ticket too
/// many is not used, and the rest reads.
/// </summary>
internal static class Retries
{
    /// <summary>Attempts after the first: about 10 s before a call fails.</summary>
    public const int Most = 5;

    /// <summary>Marks a request of which another attempt is of no use.</summary>
    public static readonly HttpRequestOptionsKey<bool> Never = new("Imagic.Client.NoRetries");

    /// <summary>Longest pause, unless the answer asks for another.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // Who asks for a longer wait is not called again: that is for the caller to decide.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(60);

    public static void AddTo(ResiliencePipelineBuilder<HttpResponseMessage> builder, TimeProvider time)
    {
        builder.TimeProvider = time;
        builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = Most,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(200),
            MaxDelay = LongestPause,
            UseJitter = true,
            DelayGenerator = arguments => new(arguments.Outcome.Result is { } answer ? WaitOf(answer, time) : null),
            ShouldHandle = arguments => new(
                !arguments.Context.CancellationToken.IsCancellationRequested
                && !(arguments.Context.GetRequestMessage()?.Options.TryGetValue(Never, out _) ?? false)
                && (arguments.Outcome.Result is { } answer
                    ? (int)answer.StatusCode is 408 or 429 or 500 or 502 or 503 or 504 && !(WaitOf(answer, time) > LongestRetryAfter)
                    : IsTransient(arguments.Outcome.Exception!))),
        });
    }

    /// <summary>How long an answer asks to wait; null when it asks for none.</summary>
    public static TimeSpan? WaitOf(HttpResponseMessage answer, TimeProvider time)
    {
        var wait = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => TimeSpan.Zero,
        };
        return wait > TimeSpan.Zero ? wait : null;
    }

    // A service that is not there is not waited for.
    private static bool IsTransient(Exception exception) =>
        exception is TimeoutException
        || (exception is HttpRequestException failed && failed.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError));
}

/// <summary>One attempt: within its time, and with all of its answer unless the caller reads that as it comes.</summary>
internal sealed class AttemptHandler(TimeSpan timeout) : DelegatingHandler
{
    /// <summary>Marks a request whose answer is read as it comes.</summary>
    public static readonly HttpRequestOptionsKey<bool> Streams = new("Imagic.Client.Streams");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(timeout);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, late.Token);
            // An answer that breaks off is an attempt that failed.
            if (!request.Options.TryGetValue(Streams, out _)) await response.Content.LoadIntoBufferAsync(late.Token);
            return response;
        }
        catch (Exception exception)
        {
            response?.Dispose();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new TimeoutException($"There was no answer within {timeout.TotalSeconds:F0} s.", exception);
            throw;
        }
    }
}
