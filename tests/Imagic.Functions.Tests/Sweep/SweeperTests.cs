using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Edits;
using Imagic.Functions.Sweep;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Functions.Tests.Sweep;

public class SweeperTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_AfterADay_RemovesPicturesAndStartsThatNobodyWentOnWith()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("whole");
        await app.Account.Tickets.GetBlobClient("0123/cat.png").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Token);
        foreach (var name in new[] { "orphan/source", "orphan/optimize/0001/x", "whole/source" })
            await app.Account.Edits.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(Pictures.Cat), Token);

        Assert.Equal(new(0, 0, 0), await SweepAsync(app, hours: 23));
        Assert.Equal(new(1, 0, 1), await SweepAsync(app, hours: 25));

        Assert.Equal(["whole/edit.json", "whole/source"], await app.BlobsAsync());
        Assert.Empty(await app.Account.Tickets.GetBlobsAsync(cancellationToken: Token).ToArrayAsync(Token));
        Assert.Equal(new(0, 0, 0), await SweepAsync(app, hours: 25));
    }

    [Fact]
    public async Task Run_OfRecordsThatTheIndexDoesNotTell_WritesTheirEntries()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        foreach (var id in new[] { "none", "half", "ended", "fine" }) await app.CreateRecordAsync(id, record => record with { Created = Now });
        var entries = (await app.Index.ReadAsync(StoragePaths.AllEdits, null, 10, Token)).Entries.ToDictionary(entry => entry.EditId.Value, entry => entry.Name);
        await app.Index.DeleteAsync(entries["none"], Token);
        await app.Account.Index.DeleteBlobAsync(entries["half"].Replace("all/", "under-way/", StringComparison.Ordinal), cancellationToken: Token);
        await app.Records.UpdateAsync(EditId.Parse("ended"), record => record with { State = EditState.Failed, Ended = Now }, Token);

        Assert.Equal(new(0, 3, 0), await SweepAsync(app, hours: 0));

        Assert.Equal(["ended", "fine", "half", "none"], await ListedAsync(StoragePaths.AllEdits));
        Assert.Equal(["fine", "half", "none"], await ListedAsync(StoragePaths.EditsUnderWay));
        Assert.Equal(["ended"], await ListedAsync("failed"));
        Assert.Equal(new(0, 0, 0), await SweepAsync(app, hours: 0));

        async Task<string[]> ListedAsync(string folder) => [.. (await app.Index.ReadAsync(folder, null, 10, Token)).Entries.Select(entry => entry.EditId.Value).Order()];
    }

    [Fact]
    public async Task Run_OfEntriesWhoseEditIsGone_RemovesThemAfterADay()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("gone-1");
        await app.CreateRecordAsync("gone-2", record => record with { State = EditState.Succeeded });
        foreach (var name in await app.BlobsAsync()) await app.Account.Edits.DeleteBlobAsync(name, cancellationToken: Token);

        Assert.Equal(4, await EntriesAsync());
        await SweepAsync(app, hours: 23);
        Assert.Equal(4, await EntriesAsync());
        await SweepAsync(app, hours: 25);
        Assert.Equal(0, await EntriesAsync());

        async Task<int> EntriesAsync() => await app.Account.Index.GetBlobsAsync(cancellationToken: Token).CountAsync(Token);
    }

    [Fact]
    public async Task Run_WithARecordThatCannotBeRead_LeavesItAlone()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.Account.Edits.GetBlobClient("cat-1/edit.json").UploadAsync(BinaryData.FromString("{\"schema\":7}"), Token);
        await app.Account.Edits.GetBlobClient("cat-1/source").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Token);

        Assert.Equal(new(0, 0, 0), await SweepAsync(app, hours: 1000));

        Assert.Equal(2, (await app.BlobsAsync()).Length);
    }

    [Fact]
    public async Task Touch_OfTheSourceOfAStartThatIsRepeated_KeepsItFromTheSweep()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var (id, sources) = (EditId.Parse("cat-1"), new SourceStore(app.Account));
        await app.UploadAsync("cat.png", Pictures.Cat);
        var picture = await UploadedImage.FindAsync(app.Account, SourceName.Parse("cat.png", app.Account.Blobs.Uri), Token);
        var stored = await sources.StoreAsync(id, picture, "image/png", Token);
        var before = (await app.Account.Edits.GetBlobClient(StoragePaths.Source(id)).GetPropertiesAsync(cancellationToken: Token)).Value.ETag;

        Assert.True(await sources.TouchAsync(id, stored, Token));

        Assert.NotEqual(before, (await app.Account.Edits.GetBlobClient(StoragePaths.Source(id)).GetPropertiesAsync(cancellationToken: Token)).Value.ETag);
        Assert.Equal(StoreOutcome.AlreadyThere, (await sources.StoreAsync(id, picture, "image/png", Token)).Outcome);
        await app.Account.Edits.DeleteBlobAsync(StoragePaths.Source(id), cancellationToken: Token);
        Assert.False(await sources.TouchAsync(id, stored, Token));
    }

    [Fact]
    public async Task Timer_RunsTheSweep()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1");
        foreach (var blob in await app.Account.Index.GetBlobsAsync(cancellationToken: Token).ToArrayAsync(Token))
            await app.Account.Index.DeleteBlobAsync(blob.Name, cancellationToken: Token);

        Assert.Null(await app.Host.InvokeTimerAsync("Sweep", Token));

        Assert.Single((await app.Index.ReadAsync(StoragePaths.AllEdits, null, 10, Token)).Entries);
    }

    private static Task<SweepReport> SweepAsync(FunctionApp app, int hours) =>
        Deletions.SweeperOver(app.Account, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(hours))).RunAsync(Token);
}
