using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Imagic.LocalHost.Handler;
using Imagic.Runtime.Telemetry;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Invocations;

/// <summary>Calls functions by envelope: <c>POST /{function}</c> to the handler.</summary>
internal sealed partial class FunctionInvoker : IDisposable
{
    /// <summary>Header with the id of the invocation.</summary>
    public const string InvocationIdHeader = "X-Azure-Functions-InvocationId";

    /// <summary>Header with <see cref="HostVersion"/>.</summary>
    public const string HostVersionHeader = "X-Azure-Functions-HostVersion";

    /// <summary>Version of the host whose wire this one speaks.</summary>
    public const string HostVersion = "4.1048.200.26180";

    private readonly HandlerSupervisor _handler;
    private readonly TimeSpan? _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient _client;

    /// <summary>Makes an invoker.</summary>
    /// <param name="handler">Who runs the functions.</param>
    /// <param name="timeout">Longest run of a function; null is for ever.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public FunctionInvoker(HandlerSupervisor handler, TimeSpan? timeout, TimeProvider time, ILogger logger)
    {
        (_handler, _timeout, _time, _logger) = (handler, timeout, time, logger);
        _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false })
        {
            // The function's own time-out comes first.
            Timeout = timeout is { } limit && limit + TimeSpan.FromMinutes(1) < TimeSpan.FromMilliseconds(int.MaxValue)
                ? limit + TimeSpan.FromMinutes(1)
                : Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Runs a function and waits for its end.</summary>
    /// <exception cref="HandlerException">There is no handler any more.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<InvocationResult> InvokeAsync(string function, ReadOnlyMemory<byte> envelope, CancellationToken cancellationToken)
    {
        var handler = await _handler.ReadyAsync(cancellationToken);
        using var activity = ImagicTelemetry.Source.StartActivity($"invoke {function}", ActivityKind.Client);
        using var tooLong = _timeout is { } limit ? new CancellationTokenSource(limit, _time) : new();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLong.Token);
        try
        {
            if (await CallAsync(handler, function, envelope, either.Token) is { } result) return result;
            LogNeverCompletes(function);
            await Task.Delay(Timeout.InfiniteTimeSpan, either.Token);
            throw new UnreachableException();
        }
        catch (OperationCanceledException) when (tooLong.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var problem = $"{function} ran longer than its functionTimeout of {_timeout}";
            handler.Replace(problem);
            return InvocationResult.Failed(problem);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return InvocationResult.Failed($"the handler went away: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // Null when the host would wait for ever: a body that is nothing or null completes no invocation.
    private async Task<InvocationResult?> CallAsync(
        HandlerProcess handler, string function, ReadOnlyMemory<byte> envelope, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(handler.Address, Uri.EscapeDataString(function)));
        request.Content = new ReadOnlyMemoryContent(envelope)
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" } },
        };
        request.Headers.Add(InvocationIdHeader, Guid.NewGuid().ToString("D"));
        request.Headers.Add(HostVersionHeader, HostVersion);
        request.Headers.UserAgent.Add(new("Azure-Functions-Host", HostVersion));
        using var response = await _client.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
            return InvocationResult.Failed(string.Create(CultureInfo.InvariantCulture, $"the handler answered {(int)response.StatusCode}"));
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (body.Length == 0) return null;
        if (response.Content.Headers.ContentType?.MediaType is not ("application/json" or "text/json"))
            return InvocationResult.Failed($"the handler answered with {response.Content.Headers.ContentType?.MediaType ?? "no media type"} instead of application/json");
        return Read(function, body);
    }

    private InvocationResult? Read(string function, byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Null) return null;
            if (root.ValueKind != JsonValueKind.Object) return InvocationResult.Failed("the handler answered with JSON that is no object");
            JsonElement? outputs = null;
            foreach (var member in root.EnumerateObject())
            {
                if (member.Name.Equals("Outputs", StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind == JsonValueKind.Object)
                    outputs = member.Value.Clone();
                if (member.Name.Equals("Logs", StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind == JsonValueKind.Array)
                {
                    foreach (var line in member.Value.EnumerateArray())
                    {
                        var text = line.ToString();
                        LogLine(function, text);
                    }
                }
            }

            return new(null, outputs);
        }
        catch (JsonException exception)
        {
            return InvocationResult.Failed($"the handler answered with broken JSON: {exception.Message}");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Function}: {Line}")]
    private partial void LogLine(string function, string line);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Function} was answered with an empty body. The host takes that for no answer, so the function runs until its time-out. Answer at least {{}}.")]
    private partial void LogNeverCompletes(string function);
}
