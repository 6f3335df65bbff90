using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Tests;

namespace Imagic.Storage.Tests;

public class TuningStoreTests(AzuriteFixture azurite)
{
    private static readonly EditId Cat = EditId.Parse("cat-1");
    private static readonly EditId Dog = EditId.Parse("dog-1");
    private static readonly string Hash = new('a', 64);
    private static readonly string Other = new('b', 64);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keep_ForTwoEdits_WritesOnceAndStaysUntilBothAreGone()
    {
        var account = await azurite.NewAccountAsync();
        var store = new TuningStore(account);
        var written = 0;
        foreach (var edit in new[] { Cat, Dog }) await store.KeepAsync(edit, Hash, WriteAsync, Token);

        await store.ReleaseAsync(Cat, [], Token);
        var early = await store.SweepAsync(DateTimeOffset.MaxValue, Token);
        var isThere = await store.ExistsAsync(Hash, Token);
        await store.ReleaseAsync(Dog, [], Token);
        var fresh = await store.SweepAsync(DateTimeOffset.UnixEpoch, Token);
        var late = await store.SweepAsync(DateTimeOffset.MaxValue, Token);

        Assert.Equal((1, 0, true, 0, 1), (written, early, isThere, fresh, late));
        Assert.Empty(await account.Tunings.GetBlobsAsync(cancellationToken: Token).ToListAsync(Token));
        Assert.Empty(await account.Edits.GetBlobsAsync(cancellationToken: Token).ToListAsync(Token));

        async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
        {
            written++;
            await stream.WriteAsync(new byte[] { 1, 2 }, cancellationToken);
        }
    }

    [Fact]
    public async Task Release_OfAllButOne_LeavesThatOne()
    {
        var account = await azurite.NewAccountAsync();
        var store = new TuningStore(account);
        foreach (var hash in new[] { Hash, Other }) await store.KeepAsync(Cat, hash, (_, _) => Task.CompletedTask, Token);

        await store.ReleaseAsync(Cat, [Other], Token);
        await store.ReleaseAsync(Cat, [Other], Token);

        Assert.Equal(1, await store.SweepAsync(DateTimeOffset.MaxValue, Token));
        Assert.Equal((false, true), (await store.ExistsAsync(Hash, Token), await store.ExistsAsync(Other, Token)));
        Assert.Equal([StoragePaths.EditTuning(Cat, Other)], await account.Edits.GetBlobsAsync(cancellationToken: Token).Select(blob => blob.Name).ToListAsync(Token));
    }
}
