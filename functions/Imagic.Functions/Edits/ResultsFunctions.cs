using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Functions.Problems;
using Imagic.Functions.Sas;
using Imagic.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace Imagic.Functions.Edits;

/// <summary>Getting the pictures of an edit.</summary>
[Tags("Edits")]
internal sealed partial class ResultsFunctions(EditRecords records, StorageAccount account, BlobSasIssuer sas)
{
    private readonly VersionedBlob<ResultManifest> _manifests = new(account.Edits, ContractsJsonContext.Default.ResultManifest);

    [Function("GetResults")]
    [EndpointSummary("The files of an edit that has succeeded.")]
    [ProducesResponseType<ResultManifest>(StatusCodes.Status200OK)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "edits/{editId}/results")] HttpRequest request)
    {
        var (_, manifest) = await FindAsync(EditAnswers.IdOf(request), request.HttpContext.RequestAborted);
        return TypedResults.Json(manifest, ContractsJsonContext.Default.ResultManifest);
    }

    [Function("GetResult")]
    [EndpointSummary("Redirects to a file of the results, or to a preview, under an address that is good for 10 minutes.")]
    [ProducesResponseType(StatusCodes.Status302Found)]
    [ProducesProblems(400, 404, 503)]
    public async Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "edits/{editId}/results/{*name}")] HttpRequest request)
    {
        var id = EditAnswers.IdOf(request);
        var name = NameOf(request);
        var cancellationToken = request.HttpContext.RequestAborted;
        var blob = PreviewName().IsMatch(name) ? await FindPreviewAsync(id, name, cancellationToken) : await FindFileAsync(id, name, cancellationToken);
        return await sas.RedirectAsync(request, blob, cancellationToken);
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

    private async Task<BlobClient> FindPreviewAsync(EditId id, string name, CancellationToken cancellationToken)
    {
        var blob = account.Edits.GetBlobClient($"{id}/{name}");
        return await blob.ExistsAsync(cancellationToken) ? blob : throw FileNotFound(id, name);
    }

    private async Task<BlobClient> FindFileAsync(EditId id, string name, CancellationToken cancellationToken)
    {
        var (folder, manifest) = await FindAsync(id, cancellationToken);
        // Only what the manifest lists: a name from outside is never made part of a path unseen.
        var file = manifest.Files.FirstOrDefault(file => file.Name == name) ?? throw FileNotFound(id, name);
        return account.Edits.GetBlobClient($"{folder}/{file.Name}");
    }

    private async Task<(string Folder, ResultManifest Manifest)> FindAsync(EditId id, CancellationToken cancellationToken)
    {
        var record = await records.ReadAsync(id, cancellationToken) ?? throw EditAnswers.NotFound(id);
        if (record.Value.Results is not { } results)
        {
            throw new RequestProblemException(
                "no-results", StatusCodes.Status404NotFound,
                record.Value.HasEnded() ? $"The edit '{id}' ended without results." : $"The edit '{id}' has no results yet. Ask again when it has succeeded.",
                "editId");
        }

        var folder = $"{id}/{results}";
        try
        {
            var manifest = await _manifests.ReadAsync($"{folder}/{ResultManifest.FileName}", cancellationToken)
                ?? throw new RequestProblemException(
                    "results-deleted", StatusCodes.Status404NotFound, $"The results of the edit '{id}' have been deleted.", "editId");
            return (folder, manifest.Value);
        }
        catch (Exception exception) when (exception is SchemaException or JsonException)
        {
            throw new UnreadableResultsException(id, exception);
        }
    }

    private static RequestProblemException FileNotFound(EditId id, string name) => new(
        "result-not-found", StatusCodes.Status404NotFound,
        $"The edit '{id}' has no file '{name}'. /api/edits/{id}/results lists what there is.", "name");

    [GeneratedRegex(@"\Apreviews/[a-z]+-[0-9]+\.png\z")]
    private static partial Regex PreviewName();
}

/// <summary>The results are there, and this program cannot read which files they are.</summary>
internal sealed class UnreadableResultsException(EditId id, Exception inner)
    : ImagicException("results-unreadable", FaultKind.Failed, $"The manifest of the results of the edit '{id}' cannot be read: {inner.Message}", inner);
