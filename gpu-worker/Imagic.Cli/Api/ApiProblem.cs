using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Imagic.Cli.Api;

/// <summary>Problem details as the server writes them (RFC 9457); only what a person is told.</summary>
internal sealed record ApiProblem(string? Code, string? Detail, string? Title)
{
    public const string MediaType = "application/problem+json";

    /// <summary>What an answer that refuses says.</summary>
    public static async Task<ApiException> ToExceptionAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var problem = await ReadAsync(response, cancellationToken);
        var text = problem?.Detail ?? problem?.Title
            ?? $"{response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Authority)} answered {(int)response.StatusCode} {response.ReasonPhrase}.";
        return new(problem?.Code ?? "api-failed", response.StatusCode, text);
    }

    private static async Task<ApiProblem?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != MediaType) return null;
        try
        {
            return await response.Content.ReadFromJsonAsync(ApiJsonContext.Default.ApiProblem, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>JSON that only the client reads.</summary>
[JsonSerializable(typeof(ApiProblem))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ApiJsonContext : JsonSerializerContext;

/// <summary>The server refuses, in a sentence for people.</summary>
internal sealed class ApiException(string code, HttpStatusCode status, string message)
    : ImagicException(code, IsRefusal(status) ? FaultKind.BadInput : FaultKind.Failed, message)
{
    public HttpStatusCode Status { get; } = status;

    // What was sent is at fault, not the server.
    private static bool IsRefusal(HttpStatusCode status) => (int)status is >= 400 and < 500;
}

/// <summary>Nobody answers at the server's address.</summary>
internal sealed class UnreachableException(string server, Exception inner) : ImagicException(
    "unreachable", FaultKind.BadInput, $"No Imagic answers at {server}. Start it with '{Checkout.Command} up', or name another with --server.", inner);
