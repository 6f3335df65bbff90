using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;

namespace Imagic.Functions.Events;

/// <summary>Why a dropped file did not become an edit, as RFC 9457 (problem details) writes it.</summary>
/// <param name="Title">What did not happen.</param>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Detail">For people: what was wrong and what to do.</param>
/// <param name="Member">The member of the request that was wrong, where there is one.</param>
internal sealed record DropProblem(string Title, string Code, string Detail, string? Member = null);

/// <summary>JSON of problem blobs.</summary>
[JsonSerializable(typeof(DropProblem))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
internal sealed partial class DropProblemJsonContext : JsonSerializerContext;

/// <summary>Problems beside the files that they are about: whoever drops a file has no other answer.</summary>
internal static class ProblemBlobs
{
    private static readonly BlobHttpHeaders Headers = new() { ContentType = "application/problem+json" };

    /// <summary>Writes the problem of a file, over an older one.</summary>
    public static Task WriteAsync(BlobContainerClient container, string name, DropProblem problem, CancellationToken cancellationToken) =>
        Blob(container, name).UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(problem, DropProblemJsonContext.Default.DropProblem)),
            new BlobUploadOptions { HttpHeaders = Headers },
            cancellationToken);

    /// <summary>Takes the problem of a file away.</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> DeleteAsync(BlobContainerClient container, string name, CancellationToken cancellationToken) =>
        await Blob(container, name).DeleteIfExistsAsync(cancellationToken: cancellationToken);

    private static BlobClient Blob(BlobContainerClient container, string name) =>
        container.GetBlobClient(name + StoragePaths.ProblemSuffix);
}
