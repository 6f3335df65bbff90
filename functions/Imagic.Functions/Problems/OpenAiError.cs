using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Functions.Problems;

/// <summary>A failure as OpenAI's API tells it.</summary>
public sealed record OpenAiError(OpenAiErrorDetail Error)
{
    /// <summary>Tells their clients whether to send a request again; without it they go by the status.</summary>
    public const string RetryHeader = "x-should-retry";

    private static readonly OpenAiJsonContext Json =
        new(new(OpenAiJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>HTTP status that it is told with.</summary>
    [JsonIgnore]
    public int Status { get; private init; }

    /// <summary>Whether callers of this address expect failures so.</summary>
    public static bool IsSpokenAt(PathString path) => path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);

    public static OpenAiError Of(Problem problem)
    {
        var type = problem.Status switch
        {
            StatusCodes.Status429TooManyRequests => "rate_limit_error",
            >= 500 => "server_error",
            _ => "invalid_request_error",
        };
        // What their API calls otherwise.
        var parameter = problem.Member switch
        {
            "picture" => "image",
            "targetText" or "target text" => "prompt",
            var member => member,
        };
        var message = problem.TraceId is { } trace ? $"{problem.Detail} The trace id is {trace}." : problem.Detail;
        return new(new OpenAiErrorDetail(message, type, parameter, problem.Code)) { Status = problem.Status };
    }

    public Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.StatusCode = Status;
        // Their clients would send it again by themselves, and it would be refused again.
        if (Status == StatusCodes.Status409Conflict) response.Headers[RetryHeader] = "false";
        return response.WriteAsJsonAsync(this, Json.OpenAiError, "application/json", cancellationToken);
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json.OpenAiError);
}

/// <param name="Message">For people: what was wrong and what to do.</param>
/// <param name="Type">One of OpenAI's kinds.</param>
/// <param name="Param">The part of the request that was wrong, where there is one.</param>
/// <param name="Code">Stable, for programs: the codes of this service.</param>
public sealed record OpenAiErrorDetail(string Message, string Type, string? Param, string Code);

/// <summary>JSON as OpenAI's API spells it.</summary>
[JsonSerializable(typeof(OpenAiError))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class OpenAiJsonContext : JsonSerializerContext;
