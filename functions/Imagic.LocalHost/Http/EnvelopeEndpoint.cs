using System.Text.Json;
using Imagic.LocalHost.App;
using Imagic.LocalHost.Handler;
using Imagic.LocalHost.Invocations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Http;

/// <summary>Calls HTTP functions by envelope, and makes an answer of their output.</summary>
internal sealed partial class EnvelopeEndpoint(FunctionInvoker invoker, HandlerSupervisor handler, TimeProvider time, ILogger logger)
{
    /// <summary>Handles a request.</summary>
    public async Task HandleAsync(HttpFunction function, HttpContext context)
    {
        if (handler.Current is null)
        {
            HttpFrontEnd.AnswerRestarting(context);
            return;
        }

        var envelope = await RequestEnvelope.CreateAsync(function, context, time.GetUtcNow());
        // The function runs to its end even if the caller has gone: the host tells no handler to stop.
        var result = await invoker.InvokeAsync(function.Name, envelope, CancellationToken.None);
        var problem = result.Problem;
        if (problem is null && await TryAnswerAsync(context.Response, Find(result.Outputs, function.Output)) is { } unusable)
            problem = $"its output '{function.Output}' {unusable}";
        if (problem is null) return;
        LogFailed(logger, function.Name, problem);
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
    }

    // Null when it has answered, or what is wrong with the output.
    private static async Task<string?> TryAnswerAsync(HttpResponse response, JsonElement? output)
    {
        if (output is not { } given) return null;
        if (given.ValueKind != JsonValueKind.Object) return "is no object with statusCode, headers and body";
        var status = Find(given, "statusCode") ?? Find(given, "status");
        if (status is { } code)
        {
            if (!int.TryParse(code.ToString(), out var number) || number is < 100 or > 599) return $"has the status {code}";
            response.StatusCode = number;
        }

        if (Find(given, "headers") is { ValueKind: JsonValueKind.Object } headers)
        {
            foreach (var header in headers.EnumerateObject()) response.Headers[header.Name] = header.Value.ToString();
        }

        if (Find(given, "body") is not { ValueKind: not JsonValueKind.Null } body) return null;
        var isText = body.ValueKind == JsonValueKind.String;
        response.ContentType ??= isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
        await response.WriteAsync(isText ? body.GetString()! : body.GetRawText());
        return null;
    }

    private static JsonElement? Find(JsonElement? parent, string name)
    {
        if (parent is not { ValueKind: JsonValueKind.Object } members) return null;
        foreach (var member in members.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return member.Value;
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} failed: {Problem}")]
    private static partial void LogFailed(ILogger logger, string function, string problem);
}
