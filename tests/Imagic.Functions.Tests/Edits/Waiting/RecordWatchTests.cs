using Imagic.Contracts.Edits;
using Imagic.Storage;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits.Waiting;

public class RecordWatchTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ManyFollowers_OfOneEdit_ShareAReadPerInterval()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        var all = Task.WhenAll(Enumerable.Range(0, 50).Select(_ => NextAsync(edit, edit.First)));

        var seconds = await edit.AdvanceUntilAsync(() => edit.Reads >= 5);
        Assert.InRange(edit.Reads, 5, seconds);
        Assert.InRange(seconds, 10, int.MaxValue); // after 1, 1.5, 2.25, 3 and 3 s
        Assert.False(all.IsCompleted);

        await edit.ChangeAsync();
        seconds += await edit.AdvanceUntilAsync(() => all.IsCompleted);

        Assert.All(await all, next => Assert.Equal(1, next!.Value.Sequence));
        Assert.InRange(edit.Reads, 6, seconds);
    }

    [Fact]
    public async Task Next_AfterManyChanges_IsTheNewest()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        for (var i = 0; i < 3; i++) await edit.ChangeAsync(change: record => record with { Attempts = i + 1 });

        var next = NextAsync(edit, edit.First);
        await edit.AdvanceUntilAsync(() => next.IsCompleted);

        Assert.Equal(3, (await next)!.Value.Sequence);
    }

    [Fact]
    public async Task Follower_WhoKnowsMoreThanTheWatch_WaitsForMore()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        using var first = edit.Watch.TryFollow(edit.First);
        var known = await edit.ChangeAsync();

        var next = NextAsync(edit, known);
        await edit.AdvanceUntilAsync(() => edit.Reads >= 2); // the change, and that nothing came after it
        Assert.False(next.IsCompleted);
        await edit.ChangeAsync(change: record => record with { State = EditState.Failed });
        await edit.AdvanceUntilAsync(() => next.IsCompleted);

        Assert.Equal((2, EditState.Failed), ((await next)!.Value.Sequence, (await next)!.Value.State));
    }

    [Fact]
    public async Task Record_ThatNobodyFollowsAnyMore_IsNotRead()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        var other = await edit.CreateAsync("cat-2");
        edit.Watch.TryFollow(edit.First)!.Dispose();

        var next = NextAsync(edit, other);
        var seconds = await edit.AdvanceUntilAsync(() => edit.Reads >= 4);

        Assert.InRange(seconds, 7, int.MaxValue); // as long as one record takes
        await edit.ChangeAsync("cat-2");
        await edit.AdvanceUntilAsync(() => next.IsCompleted);
        Assert.Equal("cat-2", (await next)!.Value.EditId.Value);
    }

    [Fact]
    public async Task Next_WhoseTimeIsOver_IsWhatIsKnown()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        using var follower = edit.Watch.TryFollow(edit.First)!;

        var next = follower.NextAsync(edit.First, TimeSpan.FromSeconds(10), Cancellation);
        edit.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(next.IsCompleted);
        edit.Time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Same(edit.First, await next);
    }

    [Fact]
    public async Task Follower_WhoIsOneTooMany_GetsAPlaceWhenAnotherLeaves()
    {
        var edit = await WatchedEdit.CreateAsync(azurite, maxWaits: 2);
        var other = await edit.CreateAsync("cat-2");
        using var first = edit.Watch.TryFollow(edit.First);
        var second = edit.Watch.TryFollow(other)!;

        Assert.Null(edit.Watch.TryFollow(edit.First));
        second.Dispose();

        using var third = edit.Watch.TryFollow(edit.First);
        Assert.NotNull(third);
        Assert.Null(edit.Watch.TryFollow(edit.First));
    }

    [Fact]
    public async Task Edit_ThatIsDeleted_IsGoneForAll()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        var all = Task.WhenAll(NextAsync(edit, edit.First), NextAsync(edit, edit.First));

        await edit.DeleteAsync();
        await edit.AdvanceUntilAsync(() => all.IsCompleted);

        Assert.All(await all, Assert.Null);
    }

    [Fact]
    public async Task Edit_ThatIsDeletedAndStartedAnew_IsNewer()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        var known = await edit.ChangeAsync();
        await edit.DeleteAsync();
        await edit.CreateAsync("cat-1", known.Value.Created.AddHours(1));

        var next = NextAsync(edit, known);
        await edit.AdvanceUntilAsync(() => next.IsCompleted);

        Assert.Equal(0, (await next)!.Value.Sequence);
    }

    [Fact]
    public async Task Record_ThatCannotBeRead_FailsTheWaitsAndNotThoseAfterIt()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        var first = NextAsync(edit, edit.First);
        var (read, mended) = (edit.Reads, edit.First.Value with { Sequence = 7 });

        await edit.SpoilAsync();
        await edit.AdvanceUntilAsync(() => first.IsCompleted);
        await Assert.ThrowsAsync<UnreadableRecordException>(() => first);

        await edit.DeleteAsync();
        Assert.NotNull(await edit.Records.CreateAsync(mended, Cancellation));
        var second = NextAsync(edit, edit.First);
        await edit.AdvanceUntilAsync(() => second.IsCompleted);
        Assert.Equal(7, (await second)!.Value.Sequence);
    }

    [Fact]
    public async Task Instance_ThatEnds_EndsTheWaits()
    {
        var edit = await WatchedEdit.CreateAsync(azurite);
        var next = NextAsync(edit, edit.First);

        edit.Lifetime.StopApplication();

        Assert.Same(edit.First, await next);
        Assert.True(edit.Watch.IsEnding);
    }

    private static async Task<Stored<EditRecord>?> NextAsync(WatchedEdit edit, Stored<EditRecord> known)
    {
        using var follower = edit.Watch.TryFollow(known)!;
        return await follower.NextAsync(known, Timeout.InfiniteTimeSpan, Cancellation);
    }
}
