using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Imagic.Webhooks.Tests;

/// <summary>A call as a receiver sees it.</summary>
internal sealed record Call(string Path, IHeaderDictionary Headers, string Payload)
{
    public string Id => Headers["webhook-id"].ToString();
}

/// <summary>A receiver of webhooks on this machine that answers as it is told, and keeps the calls.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    public const string Secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers;

    private Receiver(WebApplication app, IEnumerable<Func<HttpContext, Task>> answers) => (_app, _answers) = (app, new(answers));

    public Uri Address => new(_app.Urls.First());

    public string Url => new Uri(Address, "hook").AbsoluteUri;

    public ConcurrentQueue<Call> Calls { get; } = [];

    /// <summary>Options with which it may be called.</summary>
    public WebhookOptions Options => new() { Hosts = new HashSet<string> { $"{Address.Host}:{Address.Port}" }, Secrets = [Secret] };

    /// <param name="answers">Its answers, one after the other; 200 when they are used up.</param>
    public static async Task<Receiver> StartAsync(params Func<HttpContext, Task>[] answers)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build(), answers);
        receiver._app.Run(receiver.AnswerAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public static Func<HttpContext, Task> Answer(int status, string? header = null, string? value = null) => context =>
    {
        context.Response.StatusCode = status;
        if (header is not null) context.Response.Headers[header] = value;
        return Task.CompletedTask;
    };

    /// <summary>No answer, until the caller goes.</summary>
    public static Task Hang(HttpContext context) =>
        Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Calls.Enqueue(new(context.Request.Path, new HeaderDictionary(context.Request.Headers.ToDictionary()), Encoding.UTF8.GetString(body.ToArray())));
        if (_answers.TryDequeue(out var answer)) await answer(context);
    }
}
