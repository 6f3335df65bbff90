using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;

namespace Imagic.Functions.Problems;

/// <summary>Problems beside the files that they are about: whoever drops a file has no other answer.</summary>
internal static class ProblemBlobs
{
    private static readonly BlobHttpHeaders Headers = new() { ContentType = Problem.MediaType };

    /// <summary>Writes the problem of a file, over an older one.</summary>
    public static Task WriteAsync(BlobContainerClient container, string name, Problem problem, CancellationToken cancellationToken) =>
        Blob(container, name).UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(problem, FunctionsJsonContext.Default.Problem)),
            new BlobUploadOptions { HttpHeaders = Headers },
            cancellationToken);

    /// <summary>Takes the problem of a file away.</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> DeleteAsync(BlobContainerClient container, string name, CancellationToken cancellationToken) =>
        await Blob(container, name).DeleteIfExistsAsync(cancellationToken: cancellationToken);

    private static BlobClient Blob(BlobContainerClient container, string name) =>
        container.GetBlobClient(BlobName.OfProblem(name) ?? name + StoragePaths.ProblemSuffix);
}
