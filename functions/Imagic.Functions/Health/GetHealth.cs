using Imagic.Contracts;
using Imagic.Functions.Problems;
using Imagic.Runtime.Storage;

namespace Imagic.Functions.Health;

/// <summary>That the service can do its work.</summary>
/// <param name="Status"><c>ok</c>; anything else is told as a problem.</param>
/// <param name="Version">Version of the service.</param>
public sealed record HealthReport(string Status, string Version);

/// <summary>Asking whether the service can do its work.</summary>
internal static class GetHealth
{
    // A probe wants an answer soon; the retries of a storage call take longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly HealthReport Healthy = new("ok", typeof(GetHealth).Assembly.GetName().Version!.ToString(3));

    /// <summary>Maps it.</summary>
    public static void MapHealth(this IEndpointRouteBuilder api) =>
        api.MapGet("/health", GetAsync).WithName("Health").WithTags("Service")
            .WithSummary("Whether the service reaches its storage.")
            .Produces<HealthReport>().ProducesProblems(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> GetAsync(StorageAccount account, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        // What starting an edit needs: the container and the first queue.
        var edits = account.Edits.ExistsAsync(patience.Token);
        var queue = account.Queues.GetQueueClient(StoragePaths.StageQueue(Contracts.Settings.EditStage.Optimize)).ExistsAsync(patience.Token);
        if (!(await edits).Value || !(await queue).Value)
        {
            throw new RequestProblemException(
                "storage-incomplete", StatusCodes.Status503ServiceUnavailable,
                "The storage account lacks the containers or queues of this service. Run its deployment again.");
        }

        return TypedResults.Json(Healthy, FunctionsJsonContext.Default.HealthReport);
    }
}
