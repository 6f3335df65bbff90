using System.Collections.Concurrent;
using Imagic.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Imagic.TestKit;

/// <summary>An HTTP server on this machine that answers as it is told, and keeps the bodies that it was sent.</summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    /// <summary>Content of every answer that has no other.</summary>
    public const string Content = "an answer";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Action<HttpContext>> _answers;

    private ScriptedServer(WebApplication app, IEnumerable<Action<HttpContext>> answers) => (_app, _answers) = (app, new(answers));

    /// <summary>Where it is.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>It as a storage account.</summary>
    public StorageOptions Options => new()
    {
        ConnectionString = $"AccountName=test;AccountKey=dGVzdA==;BlobEndpoint={Address}test;QueueEndpoint={Address}test",
    };

    /// <summary>Bodies of the requests so far.</summary>
    public ConcurrentQueue<byte[]> Bodies { get; } = [];

    /// <summary>Starts one.</summary>
    /// <param name="answers">Its answers, one after the other; 201 when they are used up.</param>
    public static async Task<ScriptedServer> StartAsync(params Action<HttpContext>[] answers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new ScriptedServer(builder.Build(), answers);
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>An answer.</summary>
    public static Action<HttpContext> Answer(int status, string? header = null, string? value = null) => context =>
    {
        context.Response.StatusCode = status;
        if (header is not null) context.Response.Headers[header] = value;
    };

    /// <summary>An answer with content of its own.</summary>
    /// <param name="content">Gives it, from the server's address.</param>
    public static Action<HttpContext> Json(int status, Func<string, string> content) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = status >= 400 ? "application/problem+json" : "application/json";
        context.Items[nameof(Content)] = content($"http://{context.Request.Host}");
    };

    /// <summary>No answer: the connection breaks.</summary>
    public static void Break(HttpContext context) => context.Abort();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Bodies.Enqueue(body.ToArray());
        context.Response.Headers.ETag = "\"0x1\"";
        context.Response.Headers.LastModified = "Sun, 06 Nov 1994 08:49:37 GMT";
        (_answers.TryDequeue(out var answer) ? answer : Answer(201))(context);
        if (!context.RequestAborted.IsCancellationRequested && context.Response.StatusCode != StatusCodes.Status304NotModified) await context.Response.WriteAsync(context.Items[nameof(Content)] as string ?? Content, context.RequestAborted);
    }
}
