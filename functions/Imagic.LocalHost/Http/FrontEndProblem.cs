using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Imagic.LocalHost.Http;

/// <summary>A refusal of the front end itself, as RFC 9457 (problem details) writes it; those of functions pass through.</summary>
internal sealed record FrontEndProblem(string Title, int Status, string Code, string Detail)
{
    public static Task AnswerAsync(HttpContext context, int status, string code, string detail)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new(ReasonPhrases.GetReasonPhrase(status), status, code, detail), FrontEndJsonContext.Default.FrontEndProblem, "application/problem+json");
    }
}

[JsonSerializable(typeof(FrontEndProblem))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class FrontEndJsonContext : JsonSerializerContext;
