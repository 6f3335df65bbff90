using System.Diagnostics;
using Imagic.LocalHost.App;
using Imagic.LocalHost.Handler;
using Imagic.LocalHost.Invocations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Imagic.LocalHost.Http;

/// <summary>Passes requests on to the handler as they came, and answers back, streaming both ways.</summary>
internal sealed partial class ProxyEndpoint(
    IHttpForwarder forwarder, HandlerSupervisor handler, TimeSpan? timeout, TimeProvider time, ILogger logger) : IDisposable
{
    // The real host gives up on a connection over which nothing moves for this long.
    private static readonly ForwarderRequestConfig Config = new() { ActivityTimeout = TimeSpan.FromSeconds(240) };

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
    });

    /// <summary>Handles a request.</summary>
    public async Task HandleAsync(HttpFunction function, HttpContext context)
    {
        if (handler.Current is not { } current)
        {
            HttpFrontEnd.AnswerRestarting(context);
            return;
        }

        var invocation = Guid.NewGuid().ToString("D");
        context.Request.Headers[FunctionInvoker.InvocationIdHeader] = invocation;
        context.Request.Headers[FunctionInvoker.HostVersionHeader] = FunctionInvoker.HostVersion;
        context.Request.Headers["x-ms-invocation-id"] = invocation;
        using var tooLong = timeout is { } limit ? new CancellationTokenSource(limit, time) : new();
        var error = await forwarder.SendAsync(
            context, current.Address.AbsoluteUri, _client, Config, HttpTransformer.Default, tooLong.Token);
        if (error == ForwarderError.None) return;

        var exception = context.GetForwarderErrorFeature()?.Exception;
        if (tooLong.IsCancellationRequested)
            current.Replace($"{function.Name} ran longer than its functionTimeout of {timeout}");
        else if (TooLarge(exception) && !context.Response.HasStarted)
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        else if (!context.RequestAborted.IsCancellationRequested)
            LogFailed(logger, function.Name, error, exception);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static bool TooLarge(Exception? exception) => exception switch
    {
        null => false,
        BadHttpRequestException bad => bad.StatusCode == StatusCodes.Status413PayloadTooLarge,
        AggregateException several => several.InnerExceptions.Any(TooLarge),
        _ => TooLarge(exception.InnerException),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} could not be called: {Error}")]
    private static partial void LogFailed(ILogger logger, string function, ForwarderError error, Exception? exception);
}
