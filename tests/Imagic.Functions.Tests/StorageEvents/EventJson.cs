using System.Text.Json.Nodes;

namespace Imagic.Functions.Tests.StorageEvents;

/// <summary>Events as Event Grid sends them.</summary>
internal static class EventJson
{
    /// <summary>The event of a created blob, with its address as the storage account gives it.</summary>
    public static string Created(FunctionApp app, string container, string name) =>
        Created($"/blobServices/default/containers/{container}/blobs/{name}", Url(app, container, Encode(name)));

    /// <inheritdoc cref="Created(FunctionApp, string, string)"/>
    public static string Created(string? subject, string? url, string type = "Microsoft.Storage.BlobCreated") => new JsonObject
    {
        ["topic"] = "/subscriptions/0/resourceGroups/imagic/providers/Microsoft.Storage/storageAccounts/imagic",
        ["subject"] = subject,
        ["eventType"] = type,
        ["id"] = Guid.NewGuid().ToString("D"),
        ["data"] = new JsonObject { ["api"] = "PutBlob", ["eTag"] = "0x8D4BCC2E4835CD0", ["contentType"] = "image/png", ["blobType"] = "BlockBlob", ["url"] = url },
        ["dataVersion"] = "",
        ["metadataVersion"] = "1",
        ["eventTime"] = "2026-03-01T12:00:00.1838364Z",
    }.ToJsonString();

    public static string Url(FunctionApp app, string container, string encodedName) =>
        $"{app.Account.Blobs.Uri.AbsoluteUri.TrimEnd('/')}/{container}/{encodedName}";

    private static string Encode(string name) => string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
}
