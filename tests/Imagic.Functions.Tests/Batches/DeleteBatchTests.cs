using Imagic.Contracts.Edits;
using Imagic.Functions.Tests.Edits;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Functions.Tests.Batches;

public class DeleteBatchTests(AzuriteFixture azurite)
{
    private const string Manifest = "source,targetText\ncat.png,a smiling cat\nbad\ncat.png,a sleeping cat\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Delete_LeavesNothing()
    {
        await using var app = await StartAsync();
        await app.DropAsync("pets.csv", Manifest);
        await new BatchStore(app.Account).WriteContactSheetAsync("pets.csv", Pictures.Cat, Token);

        Assert.Equal(204, (int)(await app.Client.DeleteAsync("batches/pets.csv", Token)).StatusCode);

        Assert.Equal(["uploads/cat.png"], await app.Account.AllBlobsAsync());
        await FunctionApp.AssertProblemAsync(await app.Client.DeleteAsync("batches/pets.csv", Token), 404, "batch-not-found");
    }

    [Fact]
    public async Task Delete_WhileAWorkerHasAnEdit_IsFinishedByTheNextCall()
    {
        await using var app = await StartAsync();
        await app.DropAsync("pets.csv", Manifest);
        var held = (await app.ReportAsync("pets.csv")).Report.Accepted[1].EditId.Value;
        await app.ChangeAsync(held, record => record with { State = EditState.Running, Claim = new("worker", "message", record.Created) });

        var response = await app.Client.DeleteAsync("batches/pets.csv", Token);

        Assert.Equal(202, (int)response.StatusCode);
        Assert.True((await app.RecordAsync(held)).DeleteRequested);
        Assert.Equal(200, (int)(await app.GetAsync("batches/pets.csv")).StatusCode);
        await app.ChangeAsync(held, record => record with { State = EditState.Queued, Claim = null });
        Assert.Equal(204, (int)(await app.Client.DeleteAsync("batches/pets.csv", Token)).StatusCode);
        Assert.Equal(["uploads/cat.png"], await app.Account.AllBlobsAsync());
    }

    [Fact]
    public async Task Delete_BeforeTheManifestIsRead_StartsNothing()
    {
        await using var app = await StartAsync();
        await app.Client.PutAsync("batches/pets.csv", new StringContent(Manifest, System.Text.Encoding.UTF8, "text/csv"), Token);

        Assert.Equal(204, (int)(await app.Client.DeleteAsync("batches/pets.csv", Token)).StatusCode);
        await app.DeliverAsync(Contracts.StoragePaths.Batches, "pets.csv", "OnStorageEvent");

        Assert.Equal(["uploads/cat.png"], await app.Account.AllBlobsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delete_BesideTheStartOfTheEdits_LeavesNothing(bool isDone)
    {
        var options = await NewOptionsAsync();
        var account = new StorageAccount(options);
        // The start is held at each of its calls, the batch is deleted, and the start goes on.
        for (var call = 1; ; call++)
        {
            await account.Batches.GetBlobClient("pets.csv").UploadAsync(BinaryData.FromString(Manifest), overwrite: true, Token);
            var probe = new AtCall(call, isDone, () => Deletions.BatchesOver(account).RunAsync(NameOf("pets.csv"), Token));
            try
            {
                await BatchCrashTests.EventsOver(new(options, probe)).HandleAsync("pets.csv", Token);
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
            {
                // The event comes again.
                await BatchCrashTests.EventsOver(account).HandleAsync("pets.csv", Token);
            }

            if (!probe.HasCome) break;
            // What a worker finds of a start that was cut off, and the sweep.
            await Deletions.SweeperOver(account, new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(2))).RunAsync(Token);
            Assert.Equal((call, "uploads/cat.png"), (call, string.Join(' ', await account.AllBlobsAsync())));
            Assert.True(call < 100);
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Delete_KilledAtAnyCall_IsFinishedByTheNextTryAndByTheSweep(bool isDone, bool bySweep)
    {
        var options = await NewOptionsAsync();
        var account = new StorageAccount(options);
        var calls = await DeleteAsync(0);
        Assert.InRange(calls, 30, 100);

        for (var call = 1; call <= calls; call++) await DeleteAsync(call);

        async Task<int> DeleteAsync(int call)
        {
            await account.Batches.GetBlobClient("pets.csv").UploadAsync(BinaryData.FromString(Manifest), overwrite: true, Token);
            await BatchCrashTests.EventsOver(account).HandleAsync("pets.csv", Token);
            var probe = new CrashProbe(call, isDone);
            Func<Task> delete = async () => Assert.True(await Deletions.BatchesOver(new(options, probe)).RunAsync(NameOf("pets.csv"), Token));
            if (call == 0) await delete();
            else await Assert.ThrowsAnyAsync<Exception>(delete);
            var hasBegun = (await account.AllBlobsAsync()).Any(name => name.EndsWith("deleting.json", StringComparison.Ordinal));
            if (bySweep && hasBegun) await Deletions.SweeperOver(account, TimeProvider.System).RunAsync(Token);
            else await Deletions.BatchesOver(account).RunAsync(NameOf("pets.csv"), Token);
            Assert.Equal((call, "uploads/cat.png"), (call, string.Join(' ', await account.AllBlobsAsync())));
            return probe.Calls;
        }
    }

    [Fact]
    public async Task Delete_ThatWasInterrupted_LeavesANewManifestOfThatNameAlone()
    {
        await using var app = await StartAsync();
        await app.DropAsync("pets.csv", Manifest);
        var old = (await app.ReportAsync("pets.csv")).Report;
        await new BatchStore(app.Account).WriteDeletingAsync("pets.csv", old, Token);
        await app.DropAsync("pets.csv", "source,targetText\ncat.png,a jumping cat\n");

        Assert.Equal(1, (await Deletions.SweeperOver(app.Account, TimeProvider.System).RunAsync(Token)).Deletions);

        var (report, _) = await app.ReportAsync("pets.csv");
        Assert.Equal("a jumping cat", (await app.RecordAsync(Assert.Single(report.Accepted).EditId.Value)).Settings.TargetText);
        foreach (var line in old.Accepted) Assert.Null(await app.Records.ReadAsync(line.EditId, Token));
        Assert.Equal(["pets.csv", "pets.csv/report.json"], await app.NamesAsync());
    }

    [Fact]
    public async Task Delete_OfNoBatch_IsRefused()
    {
        await using var app = await StartAsync();

        await FunctionApp.AssertProblemAsync(await app.Client.DeleteAsync("batches/pets.csv", Token), 404, "batch-not-found");
        await FunctionApp.AssertProblemAsync(await app.Client.DeleteAsync("batches/pets", Token), 400, "invalid-batch-name");
    }

    private static ManifestName NameOf(string text) => ManifestName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    private async Task<FunctionApp> StartAsync()
    {
        var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        return app;
    }

    private async Task<StorageOptions> NewOptionsAsync()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        await account.Uploads.GetBlobClient("cat.png").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Token);
        return options;
    }
}
