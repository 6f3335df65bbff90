using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;

namespace Imagic.Storage;

/// <summary>JSON in a blob as it was read or written.</summary>
/// <param name="ETag">What a write must be conditional on.</param>
/// <param name="Age">Time since it was last written, by the clock of the storage service.</param>
/// <param name="ValueOrNull">What it says; null when it is no such JSON: somebody else's file in this place.</param>
public sealed record Stored<T>(T? ValueOrNull, ETag ETag, TimeSpan Age)
    where T : class
{
    /// <exception cref="JsonException">It is no such JSON.</exception>
    public T Value => ValueOrNull ?? throw Problem!;

    internal JsonException? Problem { get; init; }
}

/// <summary>Deleting what was read.</summary>
public static class ReadBlobs
{
    /// <summary>Deletes a blob unless it is not what was read any more; false when somebody has written it since.</summary>
    public static async Task<bool> TryDeleteAsync(this BlobClient blob, ETag? read, CancellationToken cancellationToken)
    {
        try
        {
            await blob.DeleteIfExistsAsync(conditions: new() { IfMatch = read }, cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.IsConflict())
        {
            return false;
        }
    }
}

/// <summary>Reads and writes JSON of one type in the blobs of a container.</summary>
/// <param name="container">Where they are.</param>
/// <param name="type">How they are written.</param>
/// <param name="metadata">What of a value is written beside it, for those who look at a blob without reading it.</param>
public sealed class VersionedBlob<T>(BlobContainerClient container, JsonTypeInfo<T> type, Func<T, Dictionary<string, string>>? metadata = null)
    where T : class, IVersioned
{
    /// <summary>Reads a blob; null when there is none.</summary>
    /// <exception cref="SchemaException">It was written by another version of the program.</exception>
    public Task<Stored<T>?> ReadAsync(string name, CancellationToken cancellationToken) => ReadAsync(name, known: null, cancellationToken);

    /// <summary>Reads a blob unless it is still what was read before, which is then given back.</summary>
    /// <exception cref="SchemaException">It was written by another version of the program.</exception>
    public async Task<Stored<T>?> ReadAsync(string name, Stored<T>? known, CancellationToken cancellationToken)
    {
        try
        {
            var options = known is null ? null : new BlobDownloadOptions { Conditions = new() { IfNoneMatch = known.ETag } };
            var answer = await container.GetBlobClient(name).DownloadContentAsync(options, cancellationToken);
            if (answer.GetRawResponse().IsUnchanged()) return known;
            var details = answer.Value.Details;
            var now = answer.GetRawResponse().Headers.Date ?? details.LastModified;
            var (value, problem) = Parse(answer.Value.Content, name);
            return new(value, details.ETag, now - details.LastModified) { Problem = problem };
        }
        catch (RequestFailedException exception) when (exception.IsMissing())
        {
            return null;
        }
    }

    /// <summary>Creates a blob; null when there is one.</summary>
    public Task<Stored<T>?> CreateAsync(string name, T value, CancellationToken cancellationToken) =>
        TryWriteAsync(name, value, new() { IfNoneMatch = ETag.All }, StorageErrors.IsConflict, cancellationToken);

    /// <summary>Writes over a blob; null when it is not what was read any more.</summary>
    public Task<Stored<T>?> ReplaceAsync(string name, T value, ETag read, CancellationToken cancellationToken) =>
        TryWriteAsync(name, value, new() { IfMatch = read }, StorageErrors.HasChanged, cancellationToken);

    /// <summary>Deletes a blob unless it is not what was read any more.</summary>
    public Task TryDeleteAsync(string name, ETag read, CancellationToken cancellationToken) =>
        container.GetBlobClient(name).TryDeleteAsync(read, cancellationToken);

    /// <summary>Writes a blob, over whatever is there.</summary>
    public async Task<Stored<T>> WriteAsync(string name, T value, CancellationToken cancellationToken) =>
        await WriteAsync(name, value, conditions: null, cancellationToken);

    private async Task<Stored<T>?> TryWriteAsync(
        string name, T value, BlobRequestConditions conditions, Func<RequestFailedException, bool> isLost, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(name, value, conditions, cancellationToken);
        }
        catch (RequestFailedException exception) when (isLost(exception))
        {
            return null;
        }
    }

    private async Task<Stored<T>> WriteAsync(string name, T value, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        var answer = await container.GetBlobClient(name).UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(value, type)),
            new BlobUploadOptions { Conditions = conditions, HttpHeaders = new() { ContentType = "application/json" }, Metadata = metadata?.Invoke(value) },
            cancellationToken);
        return new(value, answer.Value.ETag, TimeSpan.Zero);
    }

    private (T? Value, JsonException? Problem) Parse(BinaryData json, string name)
    {
        try
        {
            return (Versioning.Read(json, type, name), null);
        }
        catch (JsonException exception)
        {
            return (null, new($"{name} cannot be read: {exception.Message}", exception));
        }
    }
}
