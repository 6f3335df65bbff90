using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Polly;
using Polly.Retry;

namespace Imagic.Runtime.Storage;

/// <summary>
/// Retries storage calls that failed for a passing reason, with growing, jittered pauses. Conflicts (409, 412) and
/// other 4xx answers are information and go to the caller at once. Takes the place of Azure.Core's own retry policy.
/// </summary>
public sealed class TransientRetryPolicy : HttpPipelinePolicy
{
    /// <summary>Attempts after the first. With the pauses below: about 10 s before a call fails.</summary>
    public const int MaxRetries = 5;

    private readonly ResiliencePipeline<int> _retry = new ResiliencePipelineBuilder<int>()
        .AddRetry(new RetryStrategyOptions<int>
        {
            MaxRetryAttempts = MaxRetries,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(200),
            MaxDelay = TimeSpan.FromSeconds(5),
            UseJitter = true,
            ShouldHandle = arguments => ValueTask.FromResult(
                !arguments.Context.CancellationToken.IsCancellationRequested
                && (arguments.Outcome.Exception is { } exception ? IsTransient(exception) : IsTransient(arguments.Outcome.Result))),
        })
        .Build();

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await _retry.ExecuteAsync(
            static async (call, _) =>
            {
                Forget(call.message);
                await ProcessNextAsync(call.message, call.pipeline);
                return call.message.Response.Status;
            },
            (message, pipeline),
            message.CancellationToken);
    }

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        _retry.Execute(
            static call =>
            {
                Forget(call.message);
                ProcessNext(call.message, call.pipeline);
                return call.message.Response.Status;
            },
            (message, pipeline));
    }

    private static void Forget(HttpMessage message)
    {
        if (message.HasResponse) message.Response.Dispose();
    }

    private static bool IsTransient(int status) => status is 408 or 429 or 500 or 502 or 503 or 504;

    private static bool IsTransient(Exception exception) => exception switch
    {
        RequestFailedException failed => failed.Status == 0 || IsTransient(failed.Status),
        // A time-out of the network layer; a cancelled caller is filtered before.
        IOException or HttpRequestException or OperationCanceledException => true,
        _ => false,
    };
}
