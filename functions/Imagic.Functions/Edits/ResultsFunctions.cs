using Imagic.Contracts;
using Imagic.Contracts.Results;
using Imagic.Functions.Sas;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace Imagic.Functions.Edits;

/// <summary>Getting the pictures of an edit.</summary>
[Tags("Edits")]
internal sealed class ResultsFunctions(EditResults results, BlobSasIssuer sas)
{
    [Function("GetResults")]
    [EndpointSummary("The files of an edit that has succeeded, each with an address of its own that is good for 10 minutes and needs no key.")]
    [ProducesResponseType<LinkedResults>(StatusCodes.Status200OK)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/edits/{editId}/results")] HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var (folder, manifest) = await results.FindAsync(EditAnswers.IdOf(request), cancellationToken);
        var (addressOf, expires) = await sas.ReaderAsync(request.HttpContext.Response, cancellationToken);
        var files = manifest.Files.Select(file => new LinkedFile(file.Name, file.Length, file.Sha256, addressOf(results.Blob(folder, file)).AbsoluteUri));
        return TypedResults.Json(new(manifest.EditId, manifest.Epoch, [.. files], manifest.Suggested, manifest.Drafts, expires), ContractsJsonContext.Default.LinkedResults);
    }

    [Function("GetResult")]
    [EndpointSummary("Leads to a file of the results, or to a preview, under an address that is good for 10 minutes and needs no key.")]
    [ProducesResponseType<FileLink>(StatusCodes.Status200OK, Description = BlobSasIssuer.Told)]
    [ProducesResponseType(StatusCodes.Status302Found, Description = BlobSasIssuer.Sent)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "api/edits/{editId}/results/{*name}")] HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var blob = await results.FindFileAsync(EditAnswers.IdOf(request), NameOf(request), cancellationToken);
        return await sas.AnswerAsync(request, blob, cancellationToken);
    }

    // Of the address as it was sent: routing leaves %2F alone, and decoding its value once more would decode others twice.
    private static string NameOf(HttpRequest request)
    {
        const string Before = "/results/";
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?')[0];
        var escaped = path[(path.IndexOf(Before, StringComparison.OrdinalIgnoreCase) + Before.Length)..];
        return Utf8Text.TryUnescape(escaped, out var name) ? name : escaped;
    }
}
