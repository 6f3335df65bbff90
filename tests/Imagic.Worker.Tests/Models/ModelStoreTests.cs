using Imagic.Contracts;
using Imagic.Contracts.Models;
using Imagic.Diffusion.Packages;
using Imagic.Editing;
using Imagic.Storage;
using Imagic.Tests;
using Imagic.Worker.Models;

namespace Imagic.Worker.Tests.Models;

public class ModelStoreTests(AzuriteFixture azurite)
{
    private static readonly ModelPackage Micro = ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Download_OfAPushedPackage_GivesTheSamePackage()
    {
        using var folder = new TemporaryFolder();
        var store = new ModelStore(await azurite.NewAccountAsync());

        var pushed = await store.PushAsync("micro", Micro, progress: null, Token);
        await store.DownloadAsync((await store.FindAsync("micro", Token))!, folder.Path, Token);

        Assert.Equal(await Micro.HashAsync(Token), pushed.Sha256);
        Assert.Equal(Micro.ReadGeometry().Side, (await store.FindAsync("micro", Token))!.Side);
        Assert.Equal(await Micro.HashAsync(Token), await ModelPackage.Open(folder.Path).HashAsync(Token));
    }

    [Fact]
    public async Task Push_OfAPackageWithExamplesAndASentence_TellsThemAndKeepsItsIdentity()
    {
        using var folder = new TemporaryFolder();
        var store = new ModelStore(await azurite.NewAccountAsync());
        var pushed = await store.PushAsync("micro", Micro, progress: null, Token);
        await store.DownloadAsync(pushed, folder.Path, Token);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, ModelExamples.FileName), "a sitting dog\n\na dog with a hat\n", Token);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, ModelAbout.FileName), "Knows dogs.\n", Token);

        var again = await store.PushAsync("micro", ModelPackage.Open(folder.Path), progress: null, Token);

        Assert.Equal((pushed.Sha256, 0, null, "Knows dogs."), (again.Sha256, pushed.Examples.Length, pushed.About, again.About));
        Assert.Equal(["a sitting dog", "a dog with a hat"], (await store.FindAsync("micro", Token))!.Examples);
        foreach (var wrong in (string[])["\n", "One.\nTwo.", new string('x', 201)])
        {
            await File.WriteAllTextAsync(Path.Combine(folder.Path, ModelAbout.FileName), wrong, Token);
            Assert.Contains(ModelAbout.FileName, (await Assert.ThrowsAsync<BadInputException>(() => store.PushAsync("micro", ModelPackage.Open(folder.Path), progress: null, Token))).Message, StringComparison.Ordinal);
        }

        File.Delete(Path.Combine(folder.Path, ModelAbout.FileName));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, ModelExamples.FileName), new string('x', 101), Token);
        await Assert.ThrowsAsync<BadInputException>(() => store.PushAsync("micro", ModelPackage.Open(folder.Path), progress: null, Token));
        Assert.Equal(2, (await store.FindAsync("micro", Token))!.Examples.Length);
    }

    [Fact]
    public async Task Push_OfFilesThatAreThere_SendsNoneOfThemAgain()
    {
        var account = await azurite.NewAccountAsync();
        var store = new ModelStore(account);
        await store.PushAsync("micro", Micro, progress: null, Token);
        var before = await FilesAsync(account);

        await store.PushAsync("same-again", Micro, progress: null, Token);

        Assert.Equal(before, await FilesAsync(account));
        Assert.Equal(["micro", "same-again"], (await store.ListAsync(Assert.Fail, Token)).Select(manifest => manifest.Name));
    }

    [Fact]
    public async Task Remove_OfAName_LeavesTheFilesThatOthersNeed()
    {
        using var folder = new TemporaryFolder();
        var account = await azurite.NewAccountAsync();
        var store = new ModelStore(account);
        var micro = await store.PushAsync("micro", Micro, null, Token);
        await store.PushAsync("same", Micro, null, Token);
        await store.DownloadAsync(micro, Path.Combine(folder.Path, "almost"), Token);
        await File.AppendAllTextAsync(Path.Combine(folder.Path, "almost", "vae", "config.json"), "\n", Token);
        await store.PushAsync("other", ModelPackage.Open(Path.Combine(folder.Path, "almost")), null, Token);
        var shared = micro.Files.IntersectBy((await store.FindAsync("other", Token))!.Files.Select(file => file.Sha256), file => file.Sha256).Sum(file => file.Length);

        var first = await store.RemoveAsync("micro", Token);
        await store.DownloadAsync((await store.FindAsync("same", Token))!, Path.Combine(folder.Path, "same"), Token);
        var second = await store.RemoveAsync("same", Token);
        await store.DownloadAsync((await store.FindAsync("other", Token))!, Path.Combine(folder.Path, "other"), Token);

        Assert.Equal((0, micro.Files.Sum(file => file.Length) - shared, null), (first, second, await store.RemoveAsync("same", Token)));
        Assert.Equal(["other"], (await store.ListAsync(Assert.Fail, Token)).Select(manifest => manifest.Name));
        Assert.InRange(shared, 1, micro.Files.Sum(file => file.Length) - 1);
    }

    [Fact]
    public async Task Push_Reports_AllBytesOnce()
    {
        var reports = new List<ModelTransfer>();

        var manifest = await new ModelStore(await azurite.NewAccountAsync()).PushAsync("micro", Micro, new Listing(reports), Token);

        var total = manifest.Files.Sum(file => file.Length);
        lock (reports)
        {
            Assert.All(reports, report => Assert.InRange(report.Bytes, 0, total));
            Assert.Contains(reports, report => report.Bytes == total && report.Of == total);
        }
    }

    [Theory]
    [InlineData("../micro")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("micro\n")]
    public async Task Push_UnderANameThatIsAPath_IsRefused(string name)
    {
        var store = new ModelStore(await azurite.NewAccountAsync());

        await Assert.ThrowsAsync<BadInputException>(() => store.PushAsync(name, Micro, progress: null, Token));
        Assert.Null(await store.FindAsync(name, Token));
    }

    [Fact]
    public async Task List_WithoutAContainer_IsEmpty()
    {
        var account = await azurite.NewAccountAsync();
        await account.Blobs.DeleteBlobContainerAsync(StoragePaths.Models, cancellationToken: Token);

        Assert.Empty(await new ModelStore(account).ListAsync(Assert.Fail, Token));
    }

    [Fact]
    public async Task List_WithAManifestThatCannotBeRead_GivesTheOthersAndNamesIt()
    {
        var account = await azurite.NewAccountAsync();
        var store = new ModelStore(account);
        await store.PushAsync("micro", Micro, progress: null, Token);
        await account.Models.GetBlobClient("broken.json").UploadAsync(BinaryData.FromString("{\"schema\":1,\"name\":\"broken\",\"sha256\":\"../x\",\"files\":[]}"), Token);
        var unreadable = new List<string>();

        Assert.Equal("micro", Assert.Single(await store.ListAsync(unreadable.Add, Token)).Name);
        Assert.Contains("broken.json", Assert.Single(unreadable), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_OfFilesThatAreNotThoseOfTheHash_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var store = new ModelStore(await azurite.NewAccountAsync());
        var manifest = await store.PushAsync("micro", Micro, progress: null, Token);

        await Assert.ThrowsAsync<InvalidDataException>(() => store.DownloadAsync(manifest with { Files = manifest.Files[1..] }, folder.Path, Token));
    }

    [Fact]
    public async Task Download_OfADamagedFile_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var account = await azurite.NewAccountAsync();
        var store = new ModelStore(account);
        var manifest = await store.PushAsync("micro", Micro, progress: null, Token);
        await DamageAsync(account, manifest.Files[^1].Sha256);

        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => store.DownloadAsync(manifest, folder.Path, Token));

        Assert.Contains("SHA-256", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_OfAFileOutsideThePackage_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var store = new ModelStore(await azurite.NewAccountAsync());
        var manifest = await store.PushAsync("micro", Micro, progress: null, Token);
        var file = manifest.Files[0] with { Path = "../outside.json" };
        var outside = manifest with { Files = [file], Sha256 = PackageHash.Of([(file.Path, file.Sha256)]) };

        await Assert.ThrowsAsync<InvalidDataException>(() => store.DownloadAsync(outside, Path.Combine(folder.Path, "package"), Token));

        Assert.False(File.Exists(Path.Combine(folder.Path, "outside.json")));
    }

    internal static Task DamageAsync(StorageAccount account, string sha256) =>
        account.Models.GetBlobClient(StoragePaths.ModelFile(sha256))
            .UploadAsync(BinaryData.FromString("damaged"), overwrite: true, Token);

    private static async Task<List<(string Name, string? ETag)>> FilesAsync(StorageAccount account)
    {
        var files = new List<(string, string?)>();
        await foreach (var blob in account.Models.GetBlobsAsync(
            Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, "sha256/", Token))
        {
            files.Add((blob.Name, blob.Properties.ETag?.ToString()));
        }

        return files;
    }

    private sealed class Listing(List<ModelTransfer> reports) : IProgress<ModelTransfer>
    {
        public void Report(ModelTransfer value)
        {
            lock (reports) reports.Add(value);
        }
    }
}
