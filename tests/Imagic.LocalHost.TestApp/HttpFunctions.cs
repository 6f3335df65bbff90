using System.Security.Cryptography;

namespace Imagic.LocalHost.TestApp;

/// <summary>What callers meet.</summary>
internal sealed class HttpFunctions
{
    [Function("Echo")]
    public Task EchoAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "echo/{*rest}")] HttpRequest request) => EchoAsync(request.HttpContext);

    [Function("Numbers")]
    public Task NumbersAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "echo/numbers/{id:int}")] HttpRequest request) => EchoAsync(request.HttpContext);

    [Function("Typed")]
    public Task TypedAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "typed/{id:int}")] HttpRequest request, int id) =>
        request.HttpContext.Response.WriteAsync($"{id}");

    [Function("Variables")]
    public Task VariablesAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "variables")] HttpRequest request) =>
        request.HttpContext.Response.WriteAsJsonAsync(Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .ToDictionary(name => name, name => Environment.GetEnvironmentVariable(name)!));

    [Function("Elsewhere")]
    public void Elsewhere([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "elsewhere")] HttpRequest request) =>
        request.HttpContext.Response.Redirect("https://example.org/there", permanent: false);

    [Function("Hang")]
    public Task HangAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "hang")] HttpRequest request) =>
        Task.Delay(Timeout.Infinite, CancellationToken.None);

    [Function("Crash")]
    public void Crash([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "crash")] HttpRequest request) => Environment.Exit(9);

    // The second half is held back until the caller asks for it.
    [Function("Drip")]
    public async Task DripAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "drip")] HttpRequest request)
    {
        var response = request.HttpContext.Response;
        await response.WriteAsync("first");
        await response.Body.FlushAsync();
        await Release.WaitAsync(request.HttpContext.RequestAborted);
        await response.WriteAsync("second");
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, length) = (new byte[65536], 0L);
        while (await context.Request.Body.ReadAsync(buffer) is var read and > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            length += read;
        }

        var request = context.Request;
        await context.Response.WriteAsJsonAsync(new Dictionary<string, string>
        {
            ["method"] = request.Method,
            ["target"] = request.Path + request.QueryString,
            ["host"] = request.Host.ToString(),
            ["agent"] = request.Headers.UserAgent.ToString(),
            ["invocation"] = request.Headers["x-ms-invocation-id"].ToString(),
            ["chunked"] = request.Headers.TransferEncoding.ToString(),
            ["length"] = $"{length}",
            ["sha256"] = Convert.ToHexStringLower(hash.GetHashAndReset()),
        });
    }
}
