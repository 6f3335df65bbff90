using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Edits;
using Imagic.Functions.Problems;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Functions.Tests.Edits;

/// <summary>A start that ends anywhere is completed by a repeat.</summary>
public class EditStarterTests(AzuriteFixture azurite)
{
    private static readonly EditId Id = EditId.Parse("cat-1");
    private static readonly EditRequest Dog = new() { Source = "cat.png", TargetText = "a dog" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Small pictures are stored in one call, large ones in blocks.
    public static TheoryData<int, int, bool> Crashes
    {
        get
        {
            var crashes = new TheoryData<int, int, bool>();
            foreach (var (bytes, calls) in new[] { (30_000, 7), (5_000_000, 10) })
            {
                for (var call = 1; call <= calls; call++)
                {
                    crashes.Add(bytes, call, false);
                    crashes.Add(bytes, call, true);
                }
            }

            return crashes;
        }
    }

    [Theory]
    [MemberData(nameof(Crashes))]
    public async Task StartAsync_AfterACrashAtAnyCall_CompletesTheStart(int bytes, int call, bool isDone)
    {
        var options = await NewAccountAsync(bytes);
        var probe = new CrashProbe(call, isDone);
        var crashing = StarterOver(new(options, probe));
        await Assert.ThrowsAsync<CrashException>(() => StartAsync(crashing));

        var account = new StorageAccount(options);
        var started = await StartAsync(StarterOver(account));

        Assert.NotEqual(StartOutcome.Conflict, started.Outcome);
        var record = (await new EditRecords(account).ReadAsync(Id, Cancellation))!.Value;
        Assert.Equal((EditState.Queued, Pictures.Sha256(Pictures.OfLength(bytes))), (record.State, record.Source.Sha256));
        var source = await account.Edits.GetBlobClient(StoragePaths.Source(Id)).DownloadContentAsync(Cancellation);
        Assert.Equal(Pictures.OfLength(bytes), source.Value.Content.ToArray());
        var messages = await account.Queues.GetQueueClient(StoragePaths.StageQueue(EditStage.Optimize)).PeekMessagesAsync(32, Cancellation);
        Assert.InRange(messages.Value.Length, 1, 2);
        Assert.Equal(StartOutcome.AlreadyThere, (await StartAsync(StarterOver(account))).Outcome);
        foreach (var folder in new[] { StoragePaths.AllEdits, StoragePaths.EditsUnderWay })
            Assert.Equal(Id, Assert.Single((await new EditIndex(account).ReadAsync(folder, null, 10, Cancellation)).Entries).EditId);
    }

    [Theory]
    [InlineData(30_000, 7)]
    [InlineData(5_000_000, 10)]
    public async Task StartAsync_WithoutACrash_MakesAsManyCallsAsAreTested(int bytes, int calls)
    {
        var probe = new CrashProbe(0, false);

        var started = await StartAsync(StarterOver(new(await NewAccountAsync(bytes), probe)));

        Assert.Equal((StartOutcome.Started, calls), (started.Outcome, probe.Calls));
    }

    [Fact]
    public async Task StartAsync_OverASourceOfAnotherStart_IsAConflict()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.UploadAsync("heart.png", Pictures.Heart);
        var starter = StarterOver(app.Account);
        var heart = await starter.CheckAsync(Dog with { Source = "heart.png" }, Cancellation);
        await new SourceStore(app.Account).StoreAsync(Id, heart.Picture, "image/png", Cancellation);

        Assert.Equal(new StartedEdit(StartOutcome.Conflict, null), await StartAsync(starter));

        Assert.Equal(["cat-1/source"], await app.BlobsAsync());
        Assert.Empty(await app.MessagesAsync());
    }

    [Fact]
    public async Task StartAsync_OverASourceThatNobodyVouchesFor_IsAConflict()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.Account.Edits.GetBlobClient(StoragePaths.Source(Id)).UploadAsync(BinaryData.FromBytes(Pictures.Cat), Cancellation);

        Assert.Equal(StartOutcome.Conflict, (await StartAsync(StarterOver(app.Account))).Outcome);

        Assert.Empty(await app.MessagesAsync());
    }

    [Fact]
    public async Task StartAsync_OfAPictureThatWasOverwrittenSinceItsCheck_IsRefused()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.OfLength(100_000));
        var starter = StarterOver(app.Account);
        var edit = await starter.CheckAsync(Dog, Cancellation);
        await app.Account.Uploads.GetBlobClient("cat.png").UploadAsync(BinaryData.FromString("no picture"), overwrite: true, Cancellation);

        var problem = await Assert.ThrowsAsync<RequestProblemException>(() => starter.StartAsync(Id, edit, "somebody", null, Cancellation));

        Assert.Equal(("source-changed", 409), (problem.Code, problem.Status));
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task StartAsync_OfALineOfABatch_RemembersIt()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        var starter = StarterOver(app.Account);
        var line = new BatchReference("catalogue", "run", 3);

        await starter.StartAsync(Id, await starter.CheckAsync(Dog, Cancellation), "batches", line, Cancellation);

        Assert.Equal(line, (await app.RecordAsync("cat-1")).Batch);
    }

    [Fact]
    public async Task CheckAsync_OfAnything_WritesNothing()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);

        var edit = await StarterOver(app.Account).CheckAsync(Dog, Cancellation);

        Assert.Equal(("emoji-64", 256, 256), (edit.Model, edit.Header.Width, edit.Header.Height));
        await app.AssertNothingWrittenAsync();
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(700_000)]
    [InlineData(3_000_000)]
    public async Task CheckAsync_OfAJpegWithMuchMetadata_FindsItsSize(int bytes)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.JpegWithMetadata(bytes));

        var edit = await StarterOver(app.Account).CheckAsync(Dog, Cancellation);

        Assert.Equal(Imagic.Imaging.ImageFormat.Jpeg, edit.Header.Format);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StoreAsync_OfLargePicturesAtOnce_KeepsOneOfThemWhole(bool isSame)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        var pictures = Enumerable.Range(0, 4).Select(i => Pictures.OfLength(5_000_000 + (isSame ? 0 : i))).ToArray();
        var store = new SourceStore(app.Account);
        var starter = StarterOver(app.Account);
        var edits = new List<CheckedEdit>();
        foreach (var (i, picture) in pictures.Index())
        {
            await app.UploadAsync($"{i}.png", picture);
            edits.Add(await starter.CheckAsync(Dog with { Source = $"{i}.png" }, Cancellation));
        }

        var stored = await Task.WhenAll(edits.Select(edit => store.StoreAsync(Id, edit.Picture, "image/png", Cancellation)));

        var winner = Assert.Single(stored, outcome => outcome.Outcome == StoreOutcome.Stored);
        Assert.All(stored, outcome => Assert.True(outcome.Outcome == StoreOutcome.OtherThere == (outcome.Sha256 != winner.Sha256)));
        var blob = await app.Account.Edits.GetBlobClient(StoragePaths.Source(Id)).DownloadContentAsync(Cancellation);
        Assert.Equal(winner.Sha256, Pictures.Sha256(blob.Value.Content.ToArray()));
        Assert.Equal(winner.Sha256, blob.Value.Details.Metadata["sha256"]);
    }

    internal static EditStarter StarterOver(StorageAccount account, FunctionsOptions? options = null) => new(
        account, new(account), new(account), new(account), new(account), new(new(account), options ?? new(), TimeProvider.System), new(account, options ?? new(), TimeProvider.System),
        options ?? new(), new(), TimeProvider.System, NullLogger<EditStarter>.Instance);

    private static async Task<StartedEdit> StartAsync(EditStarter starter) =>
        await starter.StartAsync(Id, await starter.CheckAsync(Dog, Cancellation), "somebody", null, Cancellation);

    private async Task<StorageOptions> NewAccountAsync(int bytes)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Cancellation);
        await account.Uploads.GetBlobClient("cat.png").UploadAsync(BinaryData.FromBytes(Pictures.OfLength(bytes)), Cancellation);
        return options;
    }
}
