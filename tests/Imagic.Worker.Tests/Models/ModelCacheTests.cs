using Imagic.Diffusion.Packages;
using Imagic.Tests;
using Imagic.Worker.Models;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Worker.Tests.Models;

public class ModelCacheTests(AzuriteFixture azurite)
{
    private static readonly ModelPackage Micro = ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro"));
    private static readonly ModelPackage Other = ModelPackage.Open(RepositoryFiles.Fixture("sd2-micro"));

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_OfAPackageInStorage_GivesIt_AndTheNextTimeWithoutFetching()
    {
        using var folder = new TemporaryFolder();
        var (store, account) = await StoreAsync();
        var cache = Cache(store, folder);
        string first;
        using (var package = await OpenAsync(store, cache, "micro")) first = package.Folder;
        foreach (var file in (await store.FindAsync("micro", Token))!.Files) await ModelStoreTests.DamageAsync(account, file.Sha256);

        using var again = await OpenAsync(store, cache, "micro");

        Assert.Equal(first, again.Folder);
        Assert.Equal("micro", ModelPackage.Open(first).Name);
        Assert.Equal(await Micro.HashAsync(Token), await ModelPackage.Open(first).HashAsync(Token));
    }

    [Fact]
    public async Task Open_OfOnePackageUnderTwoNames_GivesBoth()
    {
        using var folder = new TemporaryFolder();
        var (store, _) = await StoreAsync();
        await store.PushAsync("alias", Micro, progress: null, Token);
        var cache = Cache(store, folder);

        using var first = await OpenAsync(store, cache, "micro");
        using var second = await OpenAsync(store, cache, "alias");

        Assert.Equal("alias", ModelPackage.Open(second.Folder).Name);
    }

    [Fact]
    public async Task Open_OfADamagedPackage_RefusesItAndLeavesNoPackage()
    {
        using var folder = new TemporaryFolder();
        var (store, account) = await StoreAsync();
        await ModelStoreTests.DamageAsync(account, (await store.FindAsync("micro", Token))!.Files[^1].Sha256);

        await Assert.ThrowsAsync<InvalidDataException>(() => OpenAsync(store, Cache(store, folder), "micro"));

        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.json", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Open_BeyondTheSize_RemovesThePackageUsedLongestAgo()
    {
        using var folder = new TemporaryFolder();
        var (store, _) = await StoreAsync();
        var cache = Cache(store, folder, maxBytes: 1);
        string first;
        using (var package = await OpenAsync(store, cache, "micro")) first = package.Folder;
        _time.Advance(TimeSpan.FromMinutes(1));

        using var second = await OpenAsync(store, cache, "other");

        Assert.False(Directory.Exists(first));
        Assert.Equal(await Other.HashAsync(Token), await ModelPackage.Open(second.Folder).HashAsync(Token));
    }

    [Fact]
    public async Task Open_WithinTheSize_RemovesNothing()
    {
        using var folder = new TemporaryFolder();
        var (store, _) = await StoreAsync();
        var cache = Cache(store, folder);
        string first;
        using (var package = await OpenAsync(store, cache, "micro")) first = package.Folder;

        using var second = await OpenAsync(store, cache, "other");

        Assert.True(Directory.Exists(first));
    }

    [Fact]
    public async Task Open_BeyondTheSize_KeepsAPackageThatAnotherWorkerUses()
    {
        using var folder = new TemporaryFolder();
        var (store, _) = await StoreAsync();
        using var used = await OpenAsync(store, Cache(store, folder, maxBytes: 1), "micro");

        using var second = await OpenAsync(store, Cache(store, folder, maxBytes: 1), "other");

        Assert.Equal(await Micro.HashAsync(Token), await ModelPackage.Open(used.Folder).HashAsync(Token));
    }

    [Fact]
    public async Task Open_RemovesWhatADeadWorkerLeftHoursAgo()
    {
        using var folder = new TemporaryFolder();
        var left = Directory.CreateDirectory(Path.Combine(folder.Path, "abc.partial-1")).FullName;
        var recent = Directory.CreateDirectory(Path.Combine(folder.Path, "abc.partial-2")).FullName;
        Directory.SetLastWriteTimeUtc(left, _time.GetUtcNow().UtcDateTime - TimeSpan.FromHours(7));

        var (store, _) = await StoreAsync();
        using var package = await OpenAsync(store, Cache(store, folder), "micro");

        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(recent));
    }

    private async Task<(ModelStore Store, Imagic.Storage.StorageAccount Account)> StoreAsync()
    {
        var account = await azurite.NewAccountAsync();
        var store = new ModelStore(account);
        await store.PushAsync("micro", Micro, progress: null, Token);
        await store.PushAsync("other", Other, progress: null, Token);
        return (store, account);
    }

    private static async Task<CachedModel> OpenAsync(ModelStore store, ModelCache cache, string name) =>
        await cache.OpenAsync((await store.FindAsync(name, Token))!, Token);

    private ModelCache Cache(ModelStore store, TemporaryFolder folder, long maxBytes = 1_000_000_000) =>
        new(store, folder.Path, maxBytes, new(), _time, new TestLogger());
}
