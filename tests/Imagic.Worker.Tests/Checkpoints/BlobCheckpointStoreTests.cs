using System.Security.Cryptography;
using Azure.Core.Pipeline;
using Imagic.Contracts.Edits;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;
using Imagic.Worker.Checkpoints;
using Imagic.Worker.Leases;

namespace Imagic.Worker.Tests.Checkpoints;

public class BlobCheckpointStoreTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Sizes => [0, 10, 5 * BlockUploadStream.BlockSize + 7];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Create_OfAnySize_GivesTheSameBytesBack(int size)
    {
        using var cache = new TemporaryFolder();
        var store = Store(await azurite.NewAccountAsync(), cache, "a");
        var content = RandomNumberGenerator.GetBytes(size);

        await store.CreateAsync("optimize/0001-000040/state.safetensors", InPieces(content), Token);

        Assert.Equal(["optimize/0001-000040/state.safetensors"], await store.ListAsync("optimize/", Token));
        Assert.Equal(content, await File.ReadAllBytesAsync(await store.FetchAsync("optimize/0001-000040/state.safetensors", Token), Token));
    }

    [Fact]
    public async Task Create_OfANameThatSomebodyElseTook_IsRefused()
    {
        using var cache = new TemporaryFolder();
        var account = await azurite.NewAccountAsync();
        await Store(account, cache, "a").CreateAsync("x", InPieces([1]), Token);

        await Assert.ThrowsAsync<IOException>(() => Store(account, cache, "b").CreateAsync("x", InPieces([2]), Token));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(2 * BlockUploadStream.BlockSize)]
    public async Task Create_WhoseAnswerIsLost_IsFoundDone(int size)
    {
        using var cache = new TemporaryFolder();
        var options = azurite.NewOptions();
        await new StorageAccount(options).EnsureCreatedAsync(Token);
        var content = RandomNumberGenerator.GetBytes(size);
        var appears = new StorageCall(size == 10 ? "PUT edits/{edit}/x" : "PUT edits/{edit}/x comp=blocklist", 1);
        var faults = new FaultPolicy(appears, Fault.AnswerLost);
        var store = Store(new(options, faults), cache, "a");

        await store.CreateAsync("x", InPieces(content), Token);

        Assert.True(faults.HasDisturbed);
        Assert.Equal(content, await File.ReadAllBytesAsync(await store.FetchAsync("x", Token), Token));
    }

    [Fact]
    public async Task Create_OnceTheClaimIsOver_WritesNothing()
    {
        using var cache = new TemporaryFolder();
        var account = await azurite.NewAccountAsync();
        var store = new BlobCheckpointStore(
            account, EditId.Parse("an-edit"), "a", _ => throw new LeaseLostException("an-edit", 1), cache.Path, new());

        await Assert.ThrowsAsync<LeaseLostException>(() => store.CreateAsync("x", InPieces([1]), Token));

        Assert.Empty(await store.ListAsync("", Token));
    }

    [Fact]
    public async Task Fetch_OfNothing_SaysSo()
    {
        using var cache = new TemporaryFolder();

        await Assert.ThrowsAsync<FileNotFoundException>(async () => await Store(await azurite.NewAccountAsync(), cache, "a").FetchAsync("x", Token));
    }

    private static BlobCheckpointStore Store(StorageAccount account, TemporaryFolder cache, string writer) =>
        new(account, EditId.Parse("an-edit"), writer, _ => Task.CompletedTask, cache.Path, new());

    private static Func<Stream, CancellationToken, Task> InPieces(byte[] content) => (stream, _) =>
    {
        foreach (var piece in content.Chunk(1_234_567)) stream.Write(piece);
        return Task.CompletedTask;
    };
}
