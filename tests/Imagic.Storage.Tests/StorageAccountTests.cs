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
}
