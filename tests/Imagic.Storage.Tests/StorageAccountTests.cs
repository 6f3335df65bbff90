using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues.Models;
using Imagic.Contracts;
using Imagic.Tests;

namespace Imagic.Storage.Tests;

public class StorageAccountTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task EnsureCreated_Twice_MakesAllContainersAndQueuesOnce()
    {
        var token = TestContext.Current.CancellationToken;
        var account = await azurite.NewAccountAsync();

        await account.EnsureCreatedAsync(token);

        Assert.Equal(StoragePaths.Containers.Order(), await account.Blobs.GetBlobContainersAsync(cancellationToken: token).Select(Name).ToListAsync(token));
        Assert.Equal(StoragePaths.Queues.Order(), await account.Queues.GetQueuesAsync(cancellationToken: token).Select(Name).ToListAsync(token));
        Assert.False(account.UsesIdentity);

        static string Name(object item) => item is BlobContainerItem container ? container.Name : ((QueueItem)item).Name;
    }

    [Fact]
    public async Task AllowPages_LetsTheseInAndNoOthers()
    {
        var token = TestContext.Current.CancellationToken;
        var account = await azurite.NewAccountAsync();
        await account.AllowPagesAsync(["http://127.0.0.1:1"], keepOthers: false, token);
        await account.AllowPagesAsync(["http://127.0.0.1:2", "http://localhost:2"], keepOthers: false, token);

        Assert.Equal("http://127.0.0.1:2", await AllowedAsync("http://127.0.0.1:2", "PUT", "content-type,x-ms-blob-type"));
        Assert.Equal("http://localhost:2", await AllowedAsync("http://localhost:2", "GET", "range"));
        Assert.Null(await AllowedAsync("http://127.0.0.1:1", "GET", "range")); // of before
        Assert.Null(await AllowedAsync("https://example.org", "GET", "range"));
        Assert.Null(await AllowedAsync("null", "GET", "range"));
        Assert.Null(await AllowedAsync("http://127.0.0.1:2", "DELETE", "range"));
        Assert.Null(await AllowedAsync("http://127.0.0.1:2", "PUT", "x-ms-meta-targettext"));

        await account.AllowPagesAsync(["http://127.0.0.1:3"], keepOthers: true, token);
        await account.AllowPagesAsync(["http://127.0.0.1:3"], keepOthers: true, token);
        Assert.Equal(["http://127.0.0.1:3", "http://127.0.0.1:2,http://localhost:2"], (await account.Blobs.GetPropertiesAsync(token)).Value.Cors.Select(rule => rule.AllowedOrigins));

        // As a browser asks before it sends.
        async Task<string?> AllowedAsync(string origin, string method, string headers)
        {
            using var client = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Options, account.Tickets.GetBlobClient("picture.png").Uri);
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", method);
            request.Headers.Add("Access-Control-Request-Headers", headers);
            using var answer = await client.SendAsync(request, token);
            return answer.IsSuccessStatusCode ? answer.Headers.GetValues("Access-Control-Allow-Origin").Single() : null;
        }
    }
}
