using System.Collections.Immutable;
using System.Text;
using Imagic.Functions.Events;
using Imagic.Functions.Hosting;
using Imagic.Functions.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Imagic.Functions.CustomHandler;

/// <summary>The functions that read queues, to which the host posts envelopes.</summary>
internal static class QueueFunctions
{
    // Name of the trigger in both files function.json.
    private const string Binding = "message";

    // A message has at most 64 KiB; the host quotes it twice and repeats its members in the metadata.
    private const long MaxEnvelopeBytes = 1024 * 1024;

    // Below the host's functionTimeout of 10 minutes, at which it would end the whole handler.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(9);

    /// <summary>Maps them.</summary>
    public static void MapQueueFunctions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/" + StorageEventFunction.Name, OnStorageEventAsync).WithRequestTimeout(Timeout).ExcludeFromDescription();
        routes.MapPost("/" + PoisonMessageFunction.Name, OnPoisonMessageAsync).WithRequestTimeout(Timeout).ExcludeFromDescription();
    }

    private static async Task<JsonHttpResult<InvocationAnswer>> OnStorageEventAsync(
        HttpRequest request, StorageEventFunction function, CancellationToken cancellationToken)
    {
        if (!Invocation.TryRead(await ReadAsync(request, cancellationToken), Binding, out var invocation))
        {
            throw new RequestProblemException(
                "no-envelope", StatusCodes.Status400BadRequest, "The body is no envelope of the Functions host, which alone calls this.");
        }

        return Answer(await function.RunAsync(
            new(invocation.Payload, invocation.MessageId, invocation.DequeueCount), cancellationToken));
    }

    private static async Task<JsonHttpResult<InvocationAnswer>> OnPoisonMessageAsync(
        HttpRequest request, PoisonMessageFunction function, CancellationToken cancellationToken)
    {
        var body = await ReadAsync(request, cancellationToken);
        var message = Invocation.TryRead(body, Binding, out var invocation) ? invocation.Payload : Encoding.UTF8.GetString(body.Span);
        return Answer(await function.RunAsync(message, cancellationToken));
    }

    private static JsonHttpResult<InvocationAnswer> Answer(ImmutableArray<string> said) =>
        TypedResults.Json(new InvocationAnswer(said), InvocationJsonContext.Default.InvocationAnswer);

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        RequestBody.Limit(request, MaxEnvelopeBytes);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }
}
