using System.Net;
using System.Net.Http.Json;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Client;

/// <summary>The service refuses or fails, answers what cannot be read, or does not answer at all.</summary>
public sealed class ImagicApiException : ImagicException
{
    /// <summary><see cref="ImagicException.Code"/> when nobody answers.</summary>
    public const string Unreachable = "unreachable";

    /// <summary><see cref="ImagicException.Code"/> of an answer without a code: not the service's own, but of something in front of it.</summary>
    public const string Failed = "api-failed";

    /// <summary><see cref="ImagicException.Code"/> of a success whose content is not what it should be.</summary>
    public const string Unreadable = "unreadable-answer";

    internal ImagicApiException(string code, HttpStatusCode? status, string detail, Exception? inner = null)
        : base(code, IsRefusal(status) || code == Unreachable ? FaultKind.BadInput : FaultKind.Failed, detail, inner) => Status = status;

    /// <summary>HTTP status; null when there was no answer, and for an edit that ended without pictures.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>For people: what was wrong and what to do.</summary>
    public string Detail => Message;

    /// <summary>The member of the request that was wrong, where there is one.</summary>
    public string? Member { get; private init; }

    /// <summary>How long the service asks to wait before the next attempt.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Finds the request in the service's logs; only unexpected failures have one.</summary>
    public string? TraceId { get; private init; }

    /// <summary>Whether nobody answered.</summary>
    public bool IsUnreachable => Code == Unreachable;

    /// <summary>What an answer that refuses says.</summary>
    internal static async Task<ImagicApiException> OfAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        var problem = await ReadAsync(response, cancellationToken);
        var server = response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Authority);
        var text = problem?.Detail ?? problem?.Title ?? (response.Headers.Location is { } elsewhere
            ? $"{server} sends on to {elsewhere.OriginalString.Split('?')[0]}. Is that where the service is?"
            : $"{server} answered {(int)response.StatusCode} {response.ReasonPhrase}.");
        return new(problem?.Code ?? Failed, response.StatusCode, text)
        {
            Member = problem?.Member,
            TraceId = problem?.TraceId,
            RetryAfter = Retries.WaitOf(response, time),
        };
    }

    private static async Task<ApiProblem?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != MediaTypeNames.Application.ProblemJson) return null;
        try
        {
            return await response.Content.ReadFromJsonAsync(ClientJsonContext.Default.ApiProblem, cancellationToken);
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
        {
            return null;
        }
    }

    // What was sent is at fault, not the service.
    private static bool IsRefusal(HttpStatusCode? status) => (int?)status is >= 400 and < 500;
}

/// <summary>Problem details (RFC 9457) as anybody writes them: no member is certain.</summary>
internal sealed record ApiProblem(string? Code = null, string? Detail = null, string? Title = null, string? Member = null, string? TraceId = null);

/// <summary>JSON that only the client reads.</summary>
[JsonSerializable(typeof(ApiProblem))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ClientJsonContext : JsonSerializerContext;
