using System.Net;
using System.Text.Json;
using Azure.Storage.Blobs.Models;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Tests;

namespace Imagic.LocalHost.Tests;

/// <summary>The real function app, as <c>./imagic up</c> runs it.</summary>
public sealed class ImagicFunctionsTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Picture_DroppedWithAText_IsAnEditThatHttpShows()
    {
        await using var app = new TestApp(azurite);
        await app.StartAsync(options => options with { AppFolder = TestApp.Built("Imagic.Functions") });
        using var missing = await app.Client.GetAsync("/api/edits/nobodys", TestContext.Current.CancellationToken);

        await app.Account.Uploads.GetBlobClient("dog.png").UploadAsync(
            BinaryData.FromBytes(await File.ReadAllBytesAsync(
                Path.Combine(RepositoryFiles.Fixture("sd1-micro"), "input.png"), TestContext.Current.CancellationToken)),
            new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["targettext"] = "a sitting dog" } },
            TestContext.Current.CancellationToken);

        var edits = new List<EditSummary>();
        await Until.TrueAsync(
            async () =>
            {
                var json = await app.Client.GetByteArrayAsync("/api/edits", TestContext.Current.CancellationToken);
                edits = [.. JsonSerializer.Deserialize(json, ContractsJsonContext.Default.EditList)!.Edits];
                return edits.Count > 0;
            },
            "the picture became an edit");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("application/problem+json", missing.Content.Headers.ContentType!.MediaType);
        Assert.Equal("a sitting dog", edits.Single().TargetText);
        Assert.Equal(1, await app.CountAsync("stage-optimize"));
        await Until.TrueAsync(async () => await app.CountAsync(StoragePaths.StorageEvents) == 0, "the event was handled");
    }
}
