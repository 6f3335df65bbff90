using Imagic.Storage;
using Microsoft.Net.Http.Headers;

namespace Imagic.Functions.Studio;

/// <summary>How files of the page are answered: with what browsers may keep, and what they may do with them.</summary>
internal sealed class StudioHeaders(StorageAccount account)
{
    private const string Forever = "public, max-age=31536000, immutable";

    private static readonly byte[] NotBuilt = ReadNotBuilt();

    // Pictures come from the storage account and go there, under addresses that the API gives; there is no other host.
    private readonly string _policy = Policy(account.Blobs.Uri.GetLeftPart(UriPartial.Authority));

    public IResult Answer(HttpRequest request, StudioFile file)
    {
        var headers = request.HttpContext.Response.Headers;
        Protect(headers);
        headers.CacheControl = file.IsHashed ? Forever : "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        var isCompressed = file.Compressed is not null && TakesBrotli(request);
        if (isCompressed) headers.ContentEncoding = "br";
        return TypedResults.Bytes(isCompressed ? file.Compressed! : file.Content, file.MediaType, entityTag: file.Tag);
    }

    /// <summary>What stands in the page's place where the app was built without Node.js.</summary>
    public IResult AnswerNotBuilt(HttpRequest request)
    {
        var response = request.HttpContext.Response;
        Protect(response.Headers);
        response.Headers.CacheControl = "no-store";
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return TypedResults.Bytes(NotBuilt, "text/html; charset=utf-8");
    }

    private void Protect(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = _policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    }

    // All browsers know it, and ask for it where nobody on the way can read along: over https, and on this machine.
    private static bool TakesBrotli(HttpRequest request) => request.GetTypedHeaders().AcceptEncoding
        .Any(encoding => encoding.Value.Equals("br", StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0);

    private static string Policy(string storage) =>
        $"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: {storage}; connect-src 'self' {storage}; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static byte[] ReadNotBuilt()
    {
        using var stream = typeof(StudioHeaders).Assembly.GetManifestResourceStream("not-built.html")!;
        using var read = new BinaryReader(stream);
        return read.ReadBytes((int)stream.Length);
    }
}
