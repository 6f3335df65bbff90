using Microsoft.Azure.Functions.Worker;

namespace Imagic.Functions.IsolatedWorker;

/// <summary>
/// What the host is told of the API: names, routes, methods, and who needs a key. A test holds that it is the same as
/// what the custom handler's files <c>function.json</c> say.
/// </summary>
internal sealed class HttpFunctions(ApiPipeline api)
{
    [Function("StartEdit")]
    public Task StartEditAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "edits/{editId}")] HttpRequest request) => api.RunAsync(request);

    [Function("StartNewEdit")]
    public Task StartNewEditAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "edits")] HttpRequest request) => api.RunAsync(request);

    [Function("GetEdit")]
    public Task GetEditAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "edits/{editId}")] HttpRequest request) => api.RunAsync(request);

    [Function("ListEdits")]
    public Task ListEditsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "edits")] HttpRequest request) => api.RunAsync(request);

    [Function("CancelEdit")]
    public Task CancelEditAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "edits/{editId}/cancel")] HttpRequest request) => api.RunAsync(request);

    [Function("GetResults")]
    public Task GetResultsAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "edits/{editId}/results")] HttpRequest request) => api.RunAsync(request);

    [Function("GetResult")]
    public Task GetResultAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "edits/{editId}/results/{*name}")] HttpRequest request) => api.RunAsync(request);

    [Function("CreateUpload")]
    public Task CreateUploadAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "uploads")] HttpRequest request) => api.RunAsync(request);

    [Function("Health")]
    public Task HealthAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request) => api.RunAsync(request);

    [Function("OpenApi")]
    public Task OpenApiAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi.json")] HttpRequest request) => api.RunAsync(request);
}
