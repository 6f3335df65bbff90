using Imagic.Contracts;
using Imagic.Functions.Problems;
using Microsoft.AspNetCore.Mvc;

namespace Imagic.Functions.Health;

/// <summary>Asking whether the service can do its work.</summary>
[Tags("Service")]
internal sealed class HealthFunctions(StorageHealth storage)
{
    private static readonly HealthReport Healthy = new("ok", typeof(HealthFunctions).Assembly.GetName().Version!.ToString(3));

    [Function("Health")]
    [EndpointSummary("Whether the service reaches its storage.")]
    [ProducesResponseType<HealthReport>(StatusCodes.Status200OK)]
    [ProducesProblems(503)]
    public async Task<IResult> GetAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/health")] HttpRequest request)
    {
        if (!await storage.IsCompleteAsync(request.HttpContext.RequestAborted))
        {
            throw new RequestProblemException(
                "storage-incomplete", StatusCodes.Status503ServiceUnavailable,
                "The storage account lacks the containers or queues of this service. Run its deployment again.");
        }

        return TypedResults.Json(Healthy, ContractsJsonContext.Default.HealthReport);
    }
}
