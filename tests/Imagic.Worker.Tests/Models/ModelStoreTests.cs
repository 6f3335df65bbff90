using Imagic.Contracts;
using Imagic.Diffusion.Packages;
using Imagic.Tests;
using Imagic.Worker.Models;

namespace Imagic.Worker.Tests.Models;

public class ModelStoreTests(AzuriteFixture azurite)
{
    private static readonly ModelPackage Micro = ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fetch_OfAPushedPackage_GivesTheSamePackage()
    {
        using var cache = new TemporaryFolder();
        var store = new ModelStore(await azurite.NewAccountAsync(), cache.Path);

        await store.PushAsync("micro", Micro, Token);
        var folder = await store.FetchAsync("micro", Token);

        Assert.Equal(await Micro.HashAsync(Token), await ModelPackage.Open(folder!).HashAsync(Token));
        Assert.Equal(folder, await store.FetchAsync("micro", Token));
    }

    [Fact]
    public async Task Fetch_OfAnUnknownName_GivesNull()
    {
        using var cache = new TemporaryFolder();

        Assert.Null(await new ModelStore(await azurite.NewAccountAsync(), cache.Path).FetchAsync("micro", Token));
    }

    [Fact]
    public async Task Fetch_OfADamagedFile_RefusesItAndLeavesNothing()
    {
        using var cache = new TemporaryFolder();
        var account = await azurite.NewAccountAsync();
        var store = new ModelStore(account, cache.Path);
        var manifest = await store.PushAsync("micro", Micro, Token);
        var blob = account.Blobs.GetBlobContainerClient(StoragePaths.Models).GetBlobClient(StoragePaths.ModelFile(manifest.Files[^1].Sha256));
        await blob.UploadAsync(BinaryData.FromString("damaged"), overwrite: true, Token);

        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => store.FetchAsync("micro", Token));

        Assert.Contains("SHA-256", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(cache.Path));
    }
}
