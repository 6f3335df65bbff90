using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts.Edits;

namespace Imagic.Functions.Tests.StorageEvents;

/// <summary>What somebody does who drops files, and what they find.</summary>
internal static class Drop
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task ImageAsync(this FunctionApp app, string name, byte[] content, params (string Key, string Value)[] metadata) =>
        app.Account.Uploads.GetBlobClient(name).UploadAsync(
            BinaryData.FromBytes(content),
            new BlobUploadOptions { Metadata = metadata.ToDictionary(pair => pair.Key, pair => pair.Value) },
            Token);

    public static Task TextAsync(this BlobContainerClient container, string name, string text) =>
        container.GetBlobClient(name).UploadAsync(BinaryData.FromString(text), overwrite: true, Token);

    /// <summary>The problem beside a file; null when there is none.</summary>
    public static async Task<JsonObject?> ProblemAsync(this BlobContainerClient container, string name)
    {
        var blob = container.GetBlobClient(name + ".problem.json");
        if (!await blob.ExistsAsync(Token)) return null;
        var content = await blob.DownloadContentAsync(Token);
        Assert.Equal("application/problem+json", content.Value.Details.ContentType);
        var problem = JsonNode.Parse(content.Value.Content)!.AsObject();
        Assert.All(["title", "code", "detail"], member => Assert.NotEmpty((string)problem[member]!));
        return problem;
    }

    /// <summary>All edits there are.</summary>
    public static async Task<EditRecord[]> EditsAsync(this FunctionApp app)
    {
        var records = (await app.BlobsAsync()).Where(name => name.EndsWith("/edit.json", StringComparison.Ordinal)).Select(name => name.Split('/')[0]);
        return await Task.WhenAll(records.Select(app.RecordAsync));
    }
}
