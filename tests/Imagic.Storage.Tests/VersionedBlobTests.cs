using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Models;
using Imagic.Tests;

namespace Imagic.Storage.Tests;

public class VersionedBlobTests(AzuriteFixture azurite)
{
    private const string Name = "folder/some.json";

    private static readonly string Hash = new('0', 64);

    private static readonly ModelManifest First = new() { Name = "first", Sha256 = Hash, Files = [new("model.bin", 1, Hash)] };
    private static readonly ModelManifest Second = First with { Name = "second" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_OfNothing_IsNull() => Assert.Null(await Blobs(await azurite.NewAccountAsync()).ReadAsync(Name, Token));

    [Fact]
    public async Task Write_ThenRead_GivesTheValueWithItsETagAndAge()
    {
        var blobs = Blobs(await azurite.NewAccountAsync());
        await blobs.WriteAsync(Name, First, Token);

        var written = await blobs.WriteAsync(Name, Second, Token);
        var read = await blobs.ReadAsync(Name, Token);

        Assert.Equal(("second", written.ETag), (read!.Value.Name, read.ETag));
        Assert.InRange(read.Age, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Create_OfABlobThatIsThere_IsNullAndChangesNothing()
    {
        var blobs = Blobs(await azurite.NewAccountAsync());

        var created = await blobs.CreateAsync(Name, First, Token);

        Assert.Null(await blobs.CreateAsync(Name, Second, Token));
        Assert.Equal(created!.ETag, (await blobs.ReadAsync(Name, Token))!.ETag);
    }

    [Fact]
    public async Task Replace_OfAnythingButWhatWasRead_IsNull()
    {
        var account = await azurite.NewAccountAsync();
        var blobs = Blobs(account);
        var first = await blobs.CreateAsync(Name, First, Token);

        var second = await blobs.ReplaceAsync(Name, Second, first!.ETag, Token);

        Assert.Null(await blobs.ReplaceAsync(Name, First, first.ETag, Token));
        Assert.Equal("second", (await blobs.ReadAsync(Name, Token))!.Value.Name);
        await account.Batches.DeleteBlobAsync(Name, cancellationToken: Token);
        Assert.Null(await blobs.ReplaceAsync(Name, First, second!.ETag, Token));
        Assert.Null(await blobs.ReadAsync(Name, Token));
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("null")]
    [InlineData("""{"schema":1}""")]
    public async Task Read_OfSomebodyElsesFile_CanBeReplacedButNotRead(string content)
    {
        var account = await azurite.NewAccountAsync();
        await account.Batches.GetBlobClient(Name).UploadAsync(BinaryData.FromString(content), Token);
        var blobs = Blobs(account);

        var found = await blobs.ReadAsync(Name, Token);

        Assert.Null(found!.ValueOrNull);
        Assert.Contains(Name, Assert.Throws<JsonException>(() => found.Value).Message, StringComparison.Ordinal);
        Assert.NotNull(await blobs.ReplaceAsync(Name, First, found.ETag, Token));
    }

    [Fact]
    public async Task Read_OfAnotherLayout_RefusesByName()
    {
        var account = await azurite.NewAccountAsync();
        await account.Batches.GetBlobClient(Name).UploadAsync(BinaryData.FromString("""{"schema":2}"""), Token);

        var exception = await Assert.ThrowsAsync<SchemaException>(() => Blobs(account).ReadAsync(Name, Token));

        Assert.Contains(Name, exception.Message, StringComparison.Ordinal);
    }

    private static VersionedBlob<ModelManifest> Blobs(StorageAccount account) => new(account.Batches, ContractsJsonContext.Default.ModelManifest);
}
