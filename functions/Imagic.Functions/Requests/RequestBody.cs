using Imagic.Functions.Problems;
using Microsoft.AspNetCore.Http.Features;

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
    public static async Task<ReadOnlyMemory<byte>> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        Limit(request, MostReadBytes);
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellationToken);
            return body.Length <= MaxJsonBytes ? body.ToArray() : throw TooLarge();
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge();
        }

        static RequestProblemException TooLarge() => new(
            "body-too-large", StatusCodes.Status413PayloadTooLarge, $"The JSON has more than {MaxJsonBytes} bytes.");
    }

    /// <summary>Ends the reading of a body beyond this length.</summary>
    public static void Limit(HttpRequest request, long bytes)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = bytes;
    }

    /// <summary>Refuses a body that is neither of the accepted types.</summary>
    public static RequestProblemException WrongType(HttpRequest request, string accepted) => new(
        "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType,
        $"The body is declared as '{request.ContentType}'. Send {accepted}.", "Content-Type");
}
