using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Hosting;
using Imagic.Functions.Keys;
using Imagic.Functions.Problems;
using Imagic.Runtime.Storage;

namespace Imagic.Functions.Uploads;

/// <summary>Body of a call for an upload.</summary>
/// <param name="Name">File name of the picture; only its extension is kept.</param>
public sealed record UploadRequest(string? Name = null);

/// <summary>Getting a key to upload one picture straight to the storage account.</summary>
internal static class CreateUpload
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"];

    /// <summary>Maps it.</summary>
    public static void MapUploads(this IEndpointRouteBuilder api) =>
        api.MapPost("/uploads", PostAsync).WithName("CreateUpload").WithTags("Uploads")
            .WithSummary("Get an address to PUT one picture to; give its name as 'source' when starting the edit.")
            .Accepts<UploadRequest>(isOptional: true, "application/json").Produces<UploadTicket>(StatusCodes.Status201Created)
            .ProducesProblems(
                StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType,
                StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> PostAsync(
        HttpRequest request, StorageAccount account, BlobKeys keys, TimeProvider time, CancellationToken cancellationToken)
    {
        var wanted = await ReadAsync(request, cancellationToken);
        // The name is chosen here: nobody can aim at somebody else's picture.
        var blob = account.Uploads.GetBlobClient($"{Guid.CreateVersion7(time.GetUtcNow()):D}{ExtensionOf(wanted.Name)}");
        var (address, expires) = await keys.CreateAsync(blob, cancellationToken);
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(
            new UploadTicket(blob.Name, address.AbsoluteUri, expires), ContractsJsonContext.Default.UploadTicket,
            statusCode: StatusCodes.Status201Created);
    }

    private static async Task<UploadRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentType is null && request.ContentLength is null or 0) return new();
        if (!request.HasJsonContentType()) throw RequestBody.WrongType(request, "application/json, or no body at all");
        var json = await RequestBody.ReadJsonAsync(request, cancellationToken);
        return RequestJson.Read<UploadRequest>(json.Span, "body");
    }

    private static string ExtensionOf(string? name)
    {
        var extension = Path.GetExtension(name ?? "").ToLowerInvariant();
        return extension.Length == 0 || Extensions.Contains(extension)
            ? extension
            : throw new RequestProblemException(
                "unsupported-format", StatusCodes.Status415UnsupportedMediaType,
                $"Files named *{extension} are not accepted. Upload one of {string.Join(", ", Extensions)}.", "name");
    }
}
