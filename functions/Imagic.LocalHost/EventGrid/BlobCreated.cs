using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Imagic.LocalHost.EventGrid;

/// <summary>A storage event in the Event Grid schema, as it arrives on a queue: one object, no list around it.</summary>
internal sealed record BlobCreated(
    string Topic, string Subject, string EventType, string Id, BlobCreatedData Data, string DataVersion, string MetadataVersion, DateTimeOffset EventTime)
{
    /// <summary>Makes the event of a blob.</summary>
    /// <param name="account">Name of the storage account.</param>
    /// <param name="blob">The blob as it was listed.</param>
    /// <param name="sequencer">Orders the events of a blob.</param>
    public static BlobCreated For(string account, ListedBlob blob, string sequencer)
    {
        // The same blob in the same version has the same id, however often it is told.
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{blob.Container}/{blob.Name}\n{blob.ETag}")).AsSpan(0, 16)).ToString("D");
        return new(
            $"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/{account}",
            $"/blobServices/default/containers/{blob.Container}/blobs/{blob.Name}",
            "Microsoft.Storage.BlobCreated",
            id,
            new("PutBlob", id, id, blob.ETag, blob.ContentType, blob.ContentLength, blob.BlobType, blob.Url, sequencer, new(id)),
            "",
            "1",
            blob.LastModified);
    }

    /// <summary>A sequencer: compared as text it grows with time and, at the same time, with <paramref name="count"/>.</summary>
    public static string Sequencer(DateTimeOffset now, long count) => string.Create(CultureInfo.InvariantCulture, $"{now.UtcTicks:x32}{count:x16}");
}

/// <summary>What happened to which blob.</summary>
internal sealed record BlobCreatedData(
    string Api,
    string ClientRequestId,
    string RequestId,
    [property: JsonPropertyName("eTag")] string ETag,
    string ContentType,
    long ContentLength,
    string BlobType,
    string Url,
    string Sequencer,
    StorageDiagnostics StorageDiagnostics);

/// <summary>Internal to the service; there so that readers get used to ignoring it.</summary>
internal sealed record StorageDiagnostics(string BatchId);

/// <summary>A blob as a listing shows it. The ETag has no quotes.</summary>
internal sealed record ListedBlob(
    string Container, string Name, string ETag, string ContentType, long ContentLength, string BlobType, DateTimeOffset LastModified, string Url);

/// <summary>JSON of events and of the memory of them.</summary>
[JsonSerializable(typeof(BlobCreated))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class EventGridJsonContext : JsonSerializerContext;
