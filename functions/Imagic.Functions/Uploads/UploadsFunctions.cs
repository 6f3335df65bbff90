using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Functions.Requests;
using Imagic.Functions.Sas;
using Imagic.Storage;
using Microsoft.AspNetCore.Mvc;

namespace Imagic.Functions.Uploads;

/// <summary>Getting a key to upload one picture straight to the storage account.</summary>
[Tags("Uploads")]
internal sealed class UploadsFunctions(StorageAccount account, BlobSasIssuer sas, TimeProvider time)
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"];

    [Function("CreateUpload")]
    [EndpointSummary("Get an address to PUT one picture to; give its name as 'source' when starting the edit.")]
    [Consumes(typeof(UploadRequest), "application/json", IsOptional = true)]
    [ProducesResponseType<UploadTicket>(StatusCodes.Status201Created)]
    [ProducesProblems(400, 413, 415, 503)]
    public async Task<IResult> CreateAsync([HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/uploads")] HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var wanted = await ReadAsync(request, cancellationToken);
        // The folder is chosen here: nobody can aim at somebody else's picture. The file name is for people.
        var blob = account.Tickets.GetBlobClient($"{Guid.CreateVersion7(time.GetUtcNow()):D}/{NameOf(wanted)}");
        var (address, expires) = await sas.CreateAsync(blob, cancellationToken);
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(
            new UploadTicket(SourceName.OfTicket(blob.Name), address.AbsoluteUri, expires), ContractsJsonContext.Default.UploadTicket,
            statusCode: StatusCodes.Status201Created);
    }

    private static async Task<UploadRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentType is null && request.ContentLength is null or 0) return new();
        RequestBody.CheckCharset(request.ContentType, "Content-Type");
        if (!request.HasJsonContentType()) throw RequestBody.WrongType(request, "application/json, or no body at all");
        var json = await RequestBody.ReadJsonAsync(request, cancellationToken);
        return RequestJson.Read<UploadRequest>(json.Span, "body");
    }

    private static string NameOf(UploadRequest wanted)
    {
        var name = BlobName.OfFile(wanted.Name ?? "");
        var extension = Path.GetExtension(name).ToLowerInvariant();
        return extension.Length == 0 || Extensions.Contains(extension)
            ? name
            : throw new RequestProblemException(
                "unsupported-format", StatusCodes.Status415UnsupportedMediaType,
                $"Files named *{extension} are not accepted. Upload one of {string.Join(", ", Extensions)}.", "name");
    }
}
