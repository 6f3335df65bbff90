using System.Security.Cryptography;

namespace Imagic.LocalHost.TestHandler;

/// <summary>What callers of proxied functions meet.</summary>
internal static class Web
{
    /// <summary>Adds the pages.</summary>
    public static void MapWeb(this WebApplication app)
    {
        app.MapGet("/api/variables", () => Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .ToDictionary(name => name, name => Environment.GetEnvironmentVariable(name)!));
        app.MapGet("/api/elsewhere", (HttpResponse response) => response.Redirect("https://example.org/there", permanent: false));
        app.MapGet("/api/drip", DripAsync);
        app.MapGet("/api/hang", () => Task.Delay(Timeout.Infinite));
        app.MapGet("/api/crash", () => Environment.Exit(9));
        app.Map("/api/echo/{**rest}", EchoAsync);
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
            ["invocation"] = request.Headers["X-Azure-Functions-InvocationId"].ToString(),
            ["chunked"] = request.Headers.TransferEncoding.ToString(),
            ["length"] = $"{length}",
            ["sha256"] = Convert.ToHexStringLower(hash.GetHashAndReset()),
        });
    }

    // The second half is held back until the caller asks for it.
    private static async Task DripAsync(HttpContext context)
    {
        await context.Response.WriteAsync("first");
        await context.Response.Body.FlushAsync();
        while (!File.Exists(Environment.GetEnvironmentVariable("TEST_RELEASE"))) await Task.Delay(20, context.RequestAborted);
        await context.Response.WriteAsync("second");
    }
}
