using System.Diagnostics;
using System.Text;
using Imagic.LocalHost.FunctionRpc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Imagic.LocalHost.Http;

/// <summary>
/// Passes requests on to the worker as they came, and answers back, streaming both ways. At the same time the worker is
/// told by gRPC which function is to run; the id of the invocation brings the two together there.
/// </summary>
internal sealed partial class ProxyEndpoint(IHttpForwarder forwarder, WorkerSupervisor workers, ILogger logger) : IDisposable
{
    private const string RestartSeconds = "2";

    // The real host gives up on a connection over which nothing moves for this long.
    private static readonly ForwarderRequestConfig Config = new() { ActivityTimeout = TimeSpan.FromSeconds(240) };

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1, // as they came
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
    });

    /// <summary>There is no worker at the moment; there will be one soon.</summary>
    public static Task AnswerRestarting(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = RestartSeconds;
        return Task.CompletedTask;
    }

    public async Task HandleAsync(HttpFunction function, HttpContext context)
    {
        if (workers.Current is not { } worker)
        {
            await AnswerRestarting(context);
            return;
        }

        if (context.Request.ContentLength > HttpFrontEnd.MaxRequestBytes)
        {
            await AnswerAsync(context, StatusCodes.Status413PayloadTooLarge);
            return;
        }

        var invocation = Describe(function, context.Request);
        context.Request.Headers["x-ms-invocation-id"] = invocation.InvocationId;
        context.Request.Headers["X-Forwarded-For"] = $"{context.Connection.RemoteIpAddress}";
        context.Request.Headers["X-Forwarded-Host"] = context.Request.Host.Value;
        context.Request.Headers["X-Forwarded-Proto"] = context.Request.Scheme;
        var running = worker.InvokeAsync(function, invocation, CancellationToken.None);
        var error = await forwarder.SendAsync(context, worker.Address.AbsoluteUri, _client, Config, AsItCame.Instance);
        var exception = context.GetForwarderErrorFeature()?.Exception;
        if (error == ForwarderError.None)
        {
            await running;
        }
        else if (RefusalOf(exception) is { } refusal && !context.Response.HasStarted)
        {
            await AnswerAsync(context, refusal.StatusCode);
        }
        else if (!context.RequestAborted.IsCancellationRequested)
        {
            LogFailed(logger, function.Name, error, exception);
        }
    }

    public void Dispose() => _client.Dispose();

    // The forwarder takes the address from the decoded path, in which a code for '/' and one for '%2F' are the same.
    private sealed class AsItCame : HttpTransformer
    {
        public static readonly AsItCame Instance = new();

        private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            var target = httpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            if (target.StartsWith('/')) proxyRequest.RequestUri = new(destinationPrefix.TrimEnd('/') + target, Verbatim);
        }
    }

    private static InvocationRequest Describe(HttpFunction function, HttpRequest request)
    {
        var invocation = new InvocationRequest
        {
            InvocationId = Guid.NewGuid().ToString("D"),
            InputData = { new ParameterBinding { Name = function.Input, Data = new() { Http = new() } } },
            TraceContext = new() { TraceParent = request.Headers.TraceParent.ToString() },
        };
        foreach (var (name, value) in request.RouteValues)
        {
            if (value is not null) invocation.TriggerMetadata[name] = new() { String = value.ToString() };
        }

        return invocation;
    }

    // What this server did not take of a request.
    private static BadHttpRequestException? RefusalOf(Exception? exception) => exception switch
    {
        null => null,
        BadHttpRequestException bad => bad,
        AggregateException several => several.InnerExceptions.Select(RefusalOf).FirstOrDefault(bad => bad is not null),
        _ => RefusalOf(exception.InnerException),
    };

    private static Task AnswerAsync(HttpContext context, int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => FrontEndProblem.AnswerAsync(
            context, status, "body-too-large", $"The body is larger than {HttpFrontEnd.MaxRequestBytes:N0} bytes."),
        StatusCodes.Status408RequestTimeout => FrontEndProblem.AnswerAsync(
            context, status, "request-timeout", "The body came too slowly. Send it again over a faster connection."),
        _ => FrontEndProblem.AnswerAsync(context, status, "bad-request", "The request could not be read. Check that its body is complete."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} could not be called: {Error}")]
    private static partial void LogFailed(ILogger logger, string function, ForwarderError error, Exception? exception);
}
