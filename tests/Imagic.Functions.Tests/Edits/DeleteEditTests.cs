using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Tests.Batches;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Functions.Tests.Edits;

public class DeleteEditTests(AzuriteFixture azurite)
{
    private static readonly string Tuning = new('a', 64);
    private static readonly string Shared = new('b', 64);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EditState.Queued)]
    [InlineData(EditState.Succeeded)]
    [InlineData(EditState.Failed)]
    [InlineData(EditState.Cancelled)]
    public async Task Delete_OfAnEditThatNobodyHas_LeavesNothing(EditState state)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await FillAsync(app.Account, app.CreateRecordAsync("cat-1", record => record with { State = state }));

        var response = await app.Client.DeleteAsync("edits/cat-1", Token);

        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal([$"tunings/{Tuning}/content", $"tunings/{Tuning}/released"], await app.Account.AllBlobsAsync());
        await FunctionApp.AssertProblemAsync(await app.Client.DeleteAsync("edits/cat-1", Token), 404, "edit-not-found");
        await FunctionApp.AssertProblemAsync(await app.GetAsync("edits/cat-1"), 404, "edit-not-found");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // only the second line of a cascade is claimed
    public async Task Delete_OfAnEditThatAWorkerHas_AsksTheWorkerAndRemovesNothing(bool isBeside)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var claim = new EditClaim("worker", "message", DateTimeOffset.UnixEpoch);
        await FillAsync(app.Account, app.CreateRecordAsync("cat-1", record => record with
        {
            State = EditState.Running,
            Claim = isBeside ? null : claim,
            SuperResolution = isBeside ? new(EditStage.FineTuneSuperResolution) { Claim = claim } : null,
        }));
        var before = await app.Account.AllBlobsAsync();

        var response = await app.Client.DeleteAsync("edits/cat-1", Token);

        Assert.Equal(202, (int)response.StatusCode);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        var view = await FunctionApp.ViewAsync(response);
        Assert.Equal((EditState.Running, true, true), (view.State, view.CancelRequested, view.DeleteRequested));
        Assert.Equal(before, (await app.Account.AllBlobsAsync()).Where(name => !name.StartsWith("index/deleting/", StringComparison.Ordinal)));
        Assert.True((await FunctionApp.ViewAsync(await app.GetAsync("edits/cat-1"))).DeleteRequested);

        var revision = (await app.RecordAsync("cat-1")).Revision;
        Assert.Equal(202, (int)(await app.Client.DeleteAsync("edits/cat-1", Token)).StatusCode);
        Assert.Equal(revision, (await app.RecordAsync("cat-1")).Revision);

        // Given back between two stages.
        await app.ChangeAsync("cat-1", record => record with { State = EditState.Queued, Claim = null, SuperResolution = null });
        Assert.Equal(204, (int)(await app.Client.DeleteAsync("edits/cat-1", Token)).StatusCode);
        Assert.Equal([$"tunings/{Tuning}/content", $"tunings/{Tuning}/released"], await app.Account.AllBlobsAsync());
    }

    [Fact]
    public async Task Delete_AndTheSameIdAgain_StartsAnotherEdit()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.UploadAsync("heart.png", Pictures.Heart);
        Assert.Equal(202, (int)(await app.PutAsync("pet", """{"source":"cat.png","targetText":"a sitting cat"}""")).StatusCode);
        await app.ChangeAsync("pet", record => record with { Claim = new("worker", "message", record.Created), State = EditState.Running });
        await app.Client.DeleteAsync("edits/pet", Token);

        await FunctionApp.AssertProblemAsync(await app.PutAsync("pet", """{"source":"cat.png","targetText":"a sitting cat"}"""), 409, "edit-deleting");
        await app.ChangeAsync("pet", record => record with { Claim = null, State = EditState.Queued });
        Assert.Equal(204, (int)(await app.Client.DeleteAsync("edits/pet", Token)).StatusCode);
        Assert.Equal(202, (int)(await app.PutAsync("pet", """{"source":"heart.png","targetText":"a sitting dog"}""")).StatusCode);

        var record = await app.RecordAsync("pet");
        Assert.Equal(("a sitting dog", false, EditState.Queued), (record.Settings.TargetText, record.DeleteRequested, record.State));
        Assert.Equal(["index/all", "index/under-way"], (await app.Account.AllBlobsAsync()).Where(name => name.StartsWith("index/", StringComparison.Ordinal)).Select(name => name[..name.LastIndexOf('/')]));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Delete_KilledAtAnyCall_IsFinishedByTheNextTryAndByTheSweep(bool isDone, bool bySweep)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var calls = await DeleteAsync(0, before: 0);
        Assert.InRange(calls, 20, 60);

        for (var call = 1; call <= calls; call++) await DeleteAsync(call, calls);

        async Task<int> DeleteAsync(int call, int before)
        {
            var id = EditId.Parse("cat-1");
            await FillAsync(account, CreateAsync(account));
            var probe = new CrashProbe(call, isDone);
            var deletion = Deletions.EditsOver(new(options, probe));
            Func<Task> delete = async () => Assert.True(await deletion.TryFinishAsync((await deletion.RequestAsync(id, false, Token))!, Token));
            if (call == 0) await delete();
            else await Assert.ThrowsAnyAsync<Exception>(delete);
            var hasBegun = await new EditRecords(account).ReadAsync(id, Token) is not { Value.DeleteRequested: false };
            if (bySweep && hasBegun)
                await Deletions.SweeperOver(account, TimeProvider.System).RunAsync(Token);
            else if (call > 0 && await Deletions.EditsOver(account).RequestAsync(id, false, Token) is { } marked)
                Assert.True(await Deletions.EditsOver(account).TryFinishAsync(marked, Token));
            Assert.Equal((call, (string[])[$"tunings/{Tuning}/content", $"tunings/{Tuning}/released"]), (call, await account.AllBlobsAsync()), Same);
            return probe.Calls;
        }
    }

    [Fact]
    public async Task Sweep_FinishesTheDeletionOfAnEditWhoseWorkerAndMessageAreLost()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await FillAsync(app.Account, app.CreateRecordAsync("cat-1", record => record with { State = EditState.Running, Claim = new("worker", "message", record.Created) }));
        await app.Client.DeleteAsync("edits/cat-1", Token);

        Assert.Equal(0, (await Deletions.SweeperOver(app.Account, new FakeTimeProvider(TimeProvider.System.GetUtcNow())).RunAsync(Token)).Deletions);

        var marked = await Deletions.EditsOver(app.Account).RequestAsync(EditId.Parse("cat-1"), isGivenUp: true, Token);
        Assert.Equal(EditState.Cancelled, marked!.Value.State);
        Assert.Equal(new(0, 0, 0, Deletions: 1), await Deletions.SweeperOver(app.Account, TimeProvider.System).RunAsync(Token));
        Assert.Equal([$"tunings/{Tuning}/content", $"tunings/{Tuning}/released"], await app.Account.AllBlobsAsync());
    }

    [Fact]
    public async Task Delete_OfTheLastEditThatRefersToATuning_LetsTheSweepRemoveIt()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var tunings = new TuningStore(app.Account);
        foreach (var id in new[] { "first", "second" })
        {
            await app.CreateRecordAsync(id);
            await tunings.KeepAsync(EditId.Parse(id), Shared, async (stream, token) => await stream.WriteAsync(Pictures.Cat, token), Token);
        }

        await app.Client.DeleteAsync("edits/first", Token);
        Assert.Equal(0, await SweptAsync(days: 0, tuningDays: 0));
        Assert.True(await tunings.ExistsAsync(Shared, Token));

        await app.Client.DeleteAsync("edits/second", Token);
        Assert.Equal(0, await SweptAsync(days: 6, tuningDays: 7));
        Assert.True(await tunings.ExistsAsync(Shared, Token));
        Assert.Equal(1, await SweptAsync(days: 8, tuningDays: 7));
        Assert.Empty(await app.Account.AllBlobsAsync());

        async Task<int> SweptAsync(int days, int tuningDays) => (await Deletions.SweeperOver(
            app.Account, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(days).AddSeconds(2)), tuningDays).RunAsync(Token)).Tunings;
    }

    [Fact]
    public async Task Sweep_OfEditsThatARuleOfTheAccountDeleted_TakesTheirReferencesAway()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var tunings = new TuningStore(app.Account);
        await app.CreateRecordAsync("there");
        await tunings.KeepAsync(EditId.Parse("there"), Shared, async (stream, token) => await stream.WriteAsync(Pictures.Cat, token), Token);
        await tunings.KeepAsync(EditId.Parse("gone"), Tuning, async (stream, token) => await stream.WriteAsync(Pictures.Cat, token), Token);
        await app.Account.Edits.DeleteBlobAsync(StoragePaths.EditTuning(EditId.Parse("gone"), Tuning), cancellationToken: Token);

        await SweepAsync(hours: 23);
        Assert.Contains($"tunings/{Tuning}/edits/gone", await app.Account.AllBlobsAsync());
        await SweepAsync(hours: 25);
        await SweepAsync(hours: 8 * 24);

        Assert.Equal(
            [$"tunings/{Shared}/content", $"tunings/{Shared}/edits/there"],
            (await app.Account.AllBlobsAsync()).Where(name => name.StartsWith("tunings/", StringComparison.Ordinal)));

        Task SweepAsync(int hours) => Deletions.SweeperOver(app.Account, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(hours))).RunAsync(Token);
    }

    [Fact]
    public async Task Delete_OfALineOfABatch_LetsTheRestBeCountedAndAsksAWorkerForTheLast()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.DropAsync("pets.csv", "source,targetText\ncat.png,a smiling cat\ncat.png,a sleeping cat\n");
        var (report, _) = await app.ReportAsync("pets.csv");
        var messages = (await app.MessagesAsync()).Length;

        Assert.Equal(204, (int)(await app.Client.DeleteAsync($"edits/{report.Accepted[0].EditId}", Token)).StatusCode);
        Assert.Contains(StoragePaths.BatchEnded(new("pets.csv", report.Run, report.Accepted[0].Line)), await app.NamesAsync());
        Assert.Equal(messages, (await app.MessagesAsync()).Length);

        Assert.Equal(202, (int)(await app.Client.DeleteAsync($"edits/{report.Accepted[1].EditId}", Token)).StatusCode);
        Assert.Equal(messages + 1, (await app.MessagesAsync()).Length);
        Assert.Equal(EditState.Cancelled, (await app.RecordAsync(report.Accepted[1].EditId.Value)).State);
    }

    private static IEqualityComparer<(int, string[])> Same { get; } = EqualityComparer<(int, string[])>.Create(
        (one, other) => one.Item1 == other.Item1 && one.Item2.SequenceEqual(other.Item2));

    private static async Task<EditRecord> CreateAsync(StorageAccount account)
    {
        var record = (await new EditRecords(account).CreateAsync(
            new()
            {
                EditId = EditId.Parse("cat-1"),
                Created = TimeProvider.System.GetUtcNow(),
                State = EditState.Succeeded,
                RequestHash = "hash",
                Model = "emoji-64",
                Settings = EditProfile.All["emoji-64"].For("a dog"),
                Source = new("photo.png", new('0', 64), 1000, "PNG", 64, 64),
            },
            Token))!.Value;
        await new EditIndex(account).WriteAsync(record, Token);
        return record;
    }

    // What an edit has that has gone through all stages.
    private static async Task FillAsync(StorageAccount account, Task<EditRecord> creating)
    {
        var id = (await creating).EditId;
        foreach (var name in new[] { "source", "optimize/0001-000004-result/manifest.json", "results/0003/manifest.json", "results/0003/suggested.png", "previews/finetune-00002.png" })
            await account.Edits.GetBlobClient($"{id}/{name}").UploadAsync(BinaryData.FromBytes(Pictures.Cat), overwrite: true, Token);
        await new TuningStore(account).KeepAsync(id, Tuning, async (stream, token) => await stream.WriteAsync(Pictures.Cat, token), Token);
    }
}
