using Azure;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;

namespace Imagic.Storage.Resilience;

/// <summary>
/// Every retry of a call, but those of <c>Imagic.Client</c>, which is at home elsewhere. Each is metered under its pipeline's name by Polly's own meter. What is not here belongs to the
/// protocol, not to a call: the times after which messages come back.
/// </summary>
public static class ResiliencePipelines
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Polly";

    /// <summary>Attempts of an HTTP call after the first. With the pauses below: about 10 s before it fails.</summary>
    public const int MaxRetries = 5;

    /// <summary>Longest pause before an HTTP call is repeated, unless its answer asks for another.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Who asks for a longer wait is not called again: that is for the caller to decide.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(60);

    /// <summary>A call of the storage services. Conflicts (409, 412) and other 4xx answers are information and go to the caller at once.</summary>
    public static ResiliencePipeline<Response> Storage(TimeProvider time) => Http<Response>(
        "storage", time, answer => answer.Status, (answer, name) => answer.Headers.TryGetValue(name, out var value) ? value : null,
        StorageErrors.IsTransient);

    /// <summary>A call of a model hub, or of where it leads to. A server that is not there is not waited for.</summary>
    public static ResiliencePipeline<HttpResponseMessage> Hub(TimeProvider time) => Http<HttpResponseMessage>(
        "hub", time, answer => (int)answer.StatusCode, (answer, field) => answer.Headers.TryGetValues(field, out var values) ? values.First() : null,
        exception => exception switch
        {
            HttpRequestException failed => failed.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError),
            OperationCanceledException => true, // the client's own time-out
            _ => false,
        });

    /// <summary>
    /// A wait for something on this machine that comes soon: a process that starts, a lock that is held for a moment.
    /// The last failure goes to the caller.
    /// </summary>
    /// <param name="time">Clock.</param>
    /// <param name="patience">How long, from now.</param>
    /// <param name="isNotReady">Failures that say it is not there yet.</param>
    public static ResiliencePipeline Readiness(TimeProvider time, TimeSpan patience, Func<Exception, bool> isNotReady)
    {
        var started = time.GetTimestamp();
        return Build(
            "readiness", time, int.MaxValue, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(250),
            exception => isNotReady(exception) && time.GetElapsedTime(started) < patience);
    }

    /// <summary>The download of a large file, begun again when it broke for longer than the retries of its calls.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="isTransient">Whether it may begin again; null takes the failures of storage that pass.</param>
    public static ResiliencePipeline Download(TimeProvider time, Func<Exception, bool>? isTransient = null) => Build(
        "download", time, retries: 3, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30), isTransient ?? StorageErrors.IsTransient);

    /// <summary>A conditional write that others keep overtaking, or that a lease on the blob turns away: about 4 s.</summary>
    public static ResiliencePipeline Contended(TimeProvider time) => Build(
        "contended", time, retries: 10, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(1), exception => exception is ContendedException);

    /// <summary>Work that goes on for ever, whatever storage does.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="longest">Longest pause.</param>
    /// <param name="onRetry">Hears of each failure.</param>
    public static ResiliencePipeline Outage(TimeProvider time, TimeSpan longest, Action<Exception> onRetry) => Build(
        "outage", time, int.MaxValue, TimeSpan.FromMilliseconds(50), longest, StorageErrors.IsStorageError, onRetry);

    private static ResiliencePipeline<T> Http<T>(
        string name, TimeProvider time, Func<T, int> status, Func<T, string, string?> header, Func<Exception, bool> isTransient)
    {
        return New<ResiliencePipelineBuilder<T>>(name, time)
            .AddRetry(new()
            {
                MaxRetryAttempts = MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = LongestPause,
                UseJitter = true,
                DelayGenerator = arguments => new(Wanted(arguments.Outcome)),
                ShouldHandle = arguments => new(
                    !arguments.Context.CancellationToken.IsCancellationRequested
                    && (arguments.Outcome.Exception is { } exception
                        ? isTransient(exception)
                        : StorageErrors.IsTransient(status(arguments.Outcome.Result!)) && !(Wanted(arguments.Outcome) > LongestRetryAfter))),
            })
            .Build();

        TimeSpan? Wanted(Outcome<T> outcome) => outcome.Result is { } answer ? RetryAfter.Read(field => header(answer, field), time) : null;
    }

    private static ResiliencePipeline Build(
        string name, TimeProvider time, int retries, TimeSpan first, TimeSpan longest, Func<Exception, bool> isTransient, Action<Exception>? onRetry = null) =>
        New<ResiliencePipelineBuilder>(name, time)
            .AddRetry(new()
            {
                MaxRetryAttempts = retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = first,
                MaxDelay = longest,
                UseJitter = true,
                ShouldHandle = arguments => new(
                    !arguments.Context.CancellationToken.IsCancellationRequested
                    && arguments.Outcome.Exception is { } exception && isTransient(exception)),
                OnRetry = arguments =>
                {
                    onRetry?.Invoke(arguments.Outcome.Exception!);
                    return default;
                },
            })
            .Build();

    private static TBuilder New<TBuilder>(string name, TimeProvider time)
        where TBuilder : ResiliencePipelineBuilderBase, new() =>
        new TBuilder { Name = name, TimeProvider = time }.ConfigureTelemetry(NullLoggerFactory.Instance);
}
