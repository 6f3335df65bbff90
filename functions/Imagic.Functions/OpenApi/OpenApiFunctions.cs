using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Imagic.Functions.OpenApi;

/// <summary>Getting the machine-readable description of the API.</summary>
internal sealed class OpenApiFunctions([FromKeyedServices("v1")] IOpenApiDocumentProvider documents)
{
    [Function("OpenApi")]
    [ExcludeFromDescription]
    public async Task<IResult> GetAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/openapi.json")] HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var document = await documents.GetOpenApiDocumentAsync(cancellationToken);
        return TypedResults.Text(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken), "application/json");
    }
}
