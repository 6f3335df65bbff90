using Imagic.Functions.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Imagic.Functions.Requests;

/// <summary>Bodies of requests, within bounds.</summary>
public static class RequestBody
{
    /// <summary>Most bytes of a JSON body.</summary>
    public const int MaxJsonBytes = 64 * 1024;

    // Read to their end though they are too long: who is cut off while sending may never see the answer.
    private const int MostReadBytes = 1024 * 1024;

    /// <summary>The whole JSON body.</summary>
    /// <exception cref="RequestProblemException">It is too large.</exception>
    public static Task<ReadOnlyMemory<byte>> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken) =>
        ReadAsync(request, MaxJsonBytes, "body-too-large", $"The JSON has more than {MaxJsonBytes} bytes.", cancellationToken);

    /// <summary>The whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="most">Most bytes of the body.</param>
    /// <param name="code">Code of the refusal of a longer one.</param>
    /// <param name="detail">Sentence of that refusal.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RequestProblemException">It is too large.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpRequest request, int most, string code, string detail, CancellationToken cancellationToken)
    {
        Limit(request, most + MostReadBytes);
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellationToken);
            return body.Length <= most ? body.GetBuffer().AsMemory(0, (int)body.Length) : throw TooLarge();
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge();
        }

        RequestProblemException TooLarge() => new(code, StatusCodes.Status413PayloadTooLarge, detail);
    }

    /// <summary>Ends the reading of a body beyond this length.</summary>
    public static void Limit(HttpRequest request, long bytes)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = bytes;
    }

    /// <summary>Whether the caller has what is there now, and asks for something newer only.</summary>
    public static bool Knows(this HttpRequest request, EntityTagHeaderValue current) => request.GetTypedHeaders().IfNoneMatch.Any(
        known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(current, useStrongComparison: false));

    /// <summary>Refuses a body that is neither of the accepted types.</summary>
    public static RequestProblemException WrongType(HttpRequest request, string accepted) => new(
        "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType,
        $"The body is declared as '{request.ContentType}'. Send {accepted}.", "Content-Type");
}
