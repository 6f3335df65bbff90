using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Imagic.Functions.Mcp;

/// <summary>The Model Context Protocol over streamable HTTP, without sessions.</summary>
internal sealed class McpFunctions(McpEndpoint endpoint)
{
    [Function("Mcp")]
    [ExcludeFromDescription]
    public async Task<IResult> RunAsync([HttpTrigger(AuthorizationLevel.Function, "post", "get", "delete", Route = "mcp")] HttpRequest request)
    {
        await endpoint.RunAsync(request.HttpContext);
        return TypedResults.Empty;
    }
}

/// <summary>What the MCP package would map in an application that has its routes to itself.</summary>
internal sealed class McpEndpoint : IEndpointRouteBuilder
{
    private readonly Dictionary<string, RequestDelegate> _methods = [];
    private readonly IHttpContextAccessor _context;

    public McpEndpoint(IServiceProvider services, IHttpContextAccessor context)
    {
        (ServiceProvider, _context) = (services, context);
        this.MapMcp("/");
        foreach (var endpoint in DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
                _methods[method] = endpoint.RequestDelegate!;
        }
    }

    public IServiceProvider ServiceProvider { get; }

    public ICollection<EndpointDataSource> DataSources { get; } = [];

    public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(ServiceProvider);

    public Task RunAsync(HttpContext context)
    {
        if (!_methods.TryGetValue(context.Request.Method, out var handler))
        {
            // The protocol wants this, not 404, where there is no stream to listen to and no session to end.
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = string.Join(", ", _methods.Keys);
            return Task.CompletedTask;
        }

        // The worker runs functions elsewhere than where the web server set this.
        _context.HttpContext = context;
        return handler(context);
    }
}
