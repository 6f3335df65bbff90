using Imagic.Functions.Hosting;

namespace Imagic.Functions.IsolatedWorker;

/// <summary>
/// The whole API as one step inside a function. The worker's package has routed a request to a function already; here
/// it is routed again, by the app's own table, so that both front ends run the very same pipeline.
/// </summary>
internal sealed class ApiPipeline(IServiceProvider services)
{
    private readonly RequestDelegate _pipeline = Build(services);

    /// <summary>Answers a request.</summary>
    public Task RunAsync(HttpRequest request)
    {
        request.HttpContext.SetEndpoint(null); // else it counts as routed
        request.RouteValues.Clear();
        return _pipeline(request.HttpContext);
    }

    private static RequestDelegate Build(IServiceProvider services)
    {
        var app = new ApplicationBuilder(services);
        app.UseApi();
        return app.Build();
    }
}
