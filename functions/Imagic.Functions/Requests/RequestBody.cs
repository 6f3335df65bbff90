using Imagic.Functions.Problems;
using Microsoft.Net.Http.Headers;

namespace Imagic.Functions.Requests;

/// <summary>Bodies of requests, within bounds.</summary>
public static class RequestBody
{
    /// <summary>Most bytes of a JSON body.</summary>
    public const int MaxJsonBytes = 64 * 1024;

    /// <summary>Most bytes of any body: what the host lets through.</summary>
    public const int MaxBytes = 104_857_600;

    /// <summary>The whole JSON body.</summary>
    /// <exception cref="RequestProblemException">It is too large.</exception>
    public static Task<ReadOnlyMemory<byte>> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken) =>
        ReadAsync(request.Body, MaxJsonBytes, "body-too-large", $"The JSON has more than {MaxJsonBytes} bytes.", cancellationToken);

    /// <summary>The whole body.</summary>
    /// <param name="source">The body, or a part of it.</param>
    /// <param name="most">Most bytes of it.</param>
    /// <param name="code">Code of the refusal of a longer one.</param>
    /// <param name="detail">Sentence of that refusal.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RequestProblemException">It is too large.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        Stream source, int most, string code, string detail, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[81_920];
        while (await source.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (body.Length + read > most) throw new RequestProblemException(code, StatusCodes.Status413PayloadTooLarge, detail);
            body.Write(buffer, 0, read);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>Refuses a text that is declared to be in another encoding than UTF-8.</summary>
    /// <param name="contentType">Its declared type.</param>
    /// <param name="member">What is declared so, for the refusal.</param>
    public static void CheckCharset(string? contentType, string member)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type) || type.Charset.Length == 0) return;
        var charset = HeaderUtilities.RemoveQuotes(type.Charset);
        if (charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)) return;
        throw new RequestProblemException(
            "unsupported-charset", StatusCodes.Status415UnsupportedMediaType, $"The text is declared to be in '{charset}'. Send UTF-8.", member);
    }

    /// <summary>Whether the caller has what is there now, and asks for something newer only.</summary>
    public static bool Knows(this HttpRequest request, EntityTagHeaderValue current) => request.GetTypedHeaders().IfNoneMatch.Any(
        known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(current, useStrongComparison: false));

    /// <summary>Whether the caller says what it has.</summary>
    public static bool HasConditions(this HttpRequest request) => request.GetTypedHeaders().IfNoneMatch.Count > 0;

    /// <summary>Refuses a body that is neither of the accepted types.</summary>
    public static RequestProblemException WrongType(HttpRequest request, string accepted) => new(
        "unsupported-media-type", StatusCodes.Status415UnsupportedMediaType,
        $"{(request.ContentType is { } type ? $"The body is declared as '{type}'" : "The type of the body is not declared")}. Send {accepted}.", "Content-Type");
}
