using System.Text;
using Imagic.Functions.Batches;
using Imagic.Functions.Hosting;
using Imagic.Functions.Invocations;
using Imagic.Functions.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Imagic.Functions.Events;

/// <summary>Puts the functions that read queues into the app.</summary>
internal static class StorageEventServices
{
    // A message has at most 64 KiB; the host quotes it twice and repeats its members in the metadata.
    private const long MaxEnvelopeBytes = 1024 * 1024;

    // Below the host's functionTimeout of 10 minutes, at which it would end the whole handler.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(9);

    /// <summary>Adds what they need.</summary>
    public static IServiceCollection AddStorageEvents(this IServiceCollection services) => services
        .AddSingleton<UploadEvents>()
        .AddSingleton<BatchBlobs>()
        .AddSingleton<BatchEvents>()
        .AddSingleton<StorageEventFunction>()
        .AddSingleton<PoisonMessageFunction>();

    /// <summary>Adds their routes, to which the host posts envelopes.</summary>
    public static void MapStorageEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/" + StorageEventFunction.Name, OnStorageEventAsync).WithRequestTimeout(Timeout).ExcludeFromDescription();
        routes.MapPost("/" + PoisonMessageFunction.Name, OnPoisonMessageAsync).WithRequestTimeout(Timeout).ExcludeFromDescription();
    }

    private static async Task<JsonHttpResult<InvocationAnswer>> OnStorageEventAsync(
        HttpRequest request, StorageEventFunction function, CancellationToken cancellationToken)
    {
        if (!Invocation.TryRead(await ReadAsync(request, cancellationToken), StorageEventFunction.Binding, out var invocation))
        {
            throw new RequestProblemException(
                "no-envelope", StatusCodes.Status400BadRequest, "The body is no envelope of the Functions host, which alone calls this.");
        }

        return Answer(await function.RunAsync(invocation, cancellationToken));
    }

    private static async Task<JsonHttpResult<InvocationAnswer>> OnPoisonMessageAsync(
        HttpRequest request, PoisonMessageFunction function, CancellationToken cancellationToken)
    {
        var body = await ReadAsync(request, cancellationToken);
        var message = Invocation.TryRead(body, PoisonMessageFunction.Binding, out var invocation)
            ? invocation.Payload : Encoding.UTF8.GetString(body.Span);
        return Answer(await function.RunAsync(message, cancellationToken));
    }

    private static JsonHttpResult<InvocationAnswer> Answer(InvocationAnswer answer) =>
        TypedResults.Json(answer, InvocationJsonContext.Default.InvocationAnswer);

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        RequestBody.Limit(request, MaxEnvelopeBytes);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }
}
