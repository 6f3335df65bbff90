using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;
using Imagic.Worker.Models;

namespace Imagic.Worker.Tests.Messages;

public class MessageHandlerTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("no message at all")]
    [InlineData("{\"schema\":2,\"editId\":\"soak-edit\",\"stage\":\"optimize\"}")]
    [InlineData("{\"schema\":1,\"editId\":\"../../x\",\"stage\":\"optimize\"}")]
    [InlineData("{\"schema\":1,\"editId\":\"soak-edit\",\"stage\":\"later\"}")]
    [InlineData("{\"schema\":1,\"editId\":\"soak-edit\",\"stage\":99}")]
    [InlineData("{\"schema\":1,\"editId\":\"soak-edit\",\"stage\":-1}")]
    public async Task Handle_OfAMessageThatItDoesNotKnow_KeepsItForAPerson(string body)
    {
        var account = await azurite.NewAccountAsync();
        await account.Queues.GetQueueClient("stage-optimize").SendMessageAsync(body, Token);
        using var worker = new MicroEdit(account, default, new TestLogger()).NewWorker(MicroEdit.Options with { Once = true });

        await worker.RunAsync(Token);

        var poison = await account.Queues.GetQueueClient("stage-optimize-poison").ReceiveMessageAsync(cancellationToken: Token);
        Assert.Equal(body, poison.Value.Body.ToString());
        Assert.Null((await account.Queues.GetQueueClient("stage-optimize").ReceiveMessageAsync(cancellationToken: Token)).Value);
    }

    [Fact]
    public async Task Handle_OfTheLastMessageOfAnEdit_MovesItInTheIndex_AlsoWhenTheWorkerBeforeDiedThere()
    {
        var account = await azurite.NewAccountAsync();
        var index = new EditIndex(account);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);
        Assert.Single((await index.ReadAsync(StoragePaths.EditsUnderWay, null, 10, Token)).Entries);

        await edit.RunAsync(Token);
        await AssertEndedAsync();

        // As if it had ended between the record and the index.
        await index.ReopenAsync((await edit.RecordAsync(Token)) with { State = EditState.Running }, Token);
        await edit.SendAsync(EditStage.Sample, Token);
        using var worker = edit.NewWorker(MicroEdit.Options with { Once = true });
        await worker.RunAsync(Token);
        await AssertEndedAsync();

        async Task AssertEndedAsync()
        {
            await MicroEdit.WaitAsync(async () => (await index.ReadAsync(StoragePaths.EditsUnderWay, null, 10, Token)).Entries.Count == 0, Token);
            foreach (var folder in new[] { StoragePaths.AllEdits, "succeeded" })
                Assert.Equal(EditState.Succeeded, Assert.Single((await index.ReadAsync(folder, null, 10, Token)).Entries).Summary!.State);
        }
    }

    // Of an older API, or written by hand.
    [Fact]
    public async Task Handle_OfAnEditAtFarMoreThanTheModelsSize_FailsItBeforeItComputes()
    {
        var edit = await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token);
        await new EditRecords(edit.Account).UpdateAsync(edit.Id, record => record with { Size = new(4096, 4096) }, Token);

        var record = await edit.RunAsync(Token);

        Assert.Equal((EditState.Failed, "invalid-setting"), (record.State, record.Error?.Code));
        Assert.Contains("4096x4096 is too large for the model", record.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"schema\":1,\"editId\":\"soak-edit\",")]
    [InlineData("{\"schema\":7}")]
    [InlineData("*\"state\":\"queued\"*\"state\":\"later\"*")]
    [InlineData("*\"state\":\"queued\"*\"state\":99*")]
    [InlineData("*\"stages\":[]*\"stages\":null*")]
    [InlineData("*\"model\":\"sd1-micro\"*\"model\":null*")]
    [InlineData("*\"settings\":*\"elsewhere\":*")]
    public async Task Handle_OfAnEditWhoseRecordCannotBeRead_KeepsTheMessageForAPersonAndWorksOn(string change)
    {
        var account = await azurite.NewAccountAsync();
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);
        var blob = account.Edits.GetBlobClient("soak-edit/edit.json");
        var json = (await blob.DownloadContentAsync(Token)).Value.Content.ToString();
        var changed = change.Split('*') is [_, var from, var to, _] ? json.Replace(from, to, StringComparison.Ordinal) : change;
        Assert.NotEqual(json, changed);
        await blob.UploadAsync(BinaryData.FromString(changed), overwrite: true, Token);
        var healthy = await MicroEdit.StartAsync(account, new TestLogger(), Token, "healthy-edit");

        Assert.Equal(EditState.Succeeded, (await healthy.RunAsync(Token)).State);

        var poison = await account.Queues.GetQueueClient("stage-optimize-poison").ReceiveMessageAsync(cancellationToken: Token);
        Assert.Contains("soak-edit", System.Text.Encoding.UTF8.GetString(QueueText.Decode(poison.Value.Body.ToString())), StringComparison.Ordinal);
        Assert.Equal(changed, (await blob.DownloadContentAsync(Token)).Value.Content.ToString());
    }

    [Fact]
    public async Task Handle_OfARawJsonMessage_ReadsItLikeAnEncodedOne()
    {
        var edit = await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token);
        await edit.Account.Queues.GetQueueClient("stage-optimize").ClearMessagesAsync(Token);
        await edit.Account.Queues.GetQueueClient("stage-optimize").SendMessageAsync(
            "{\"schema\":1,\"editId\":\"soak-edit\",\"stage\":\"optimize\"}", Token);

        Assert.Equal(EditState.Succeeded, (await edit.RunAsync(Token)).State);
    }

    [Fact]
    public async Task Handle_OfAnEditThatIsToBeCancelled_CancelsItBetweenTwoSteps()
    {
        var edit = await MicroEdit.StartAsync(
            await azurite.NewAccountAsync(), new TestLogger(), Token, settings: MicroEdit.Settings with { Optimize = new(100_000, 1e-4) });
        using var worker = edit.NewWorker();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = worker.RunAsync(stop.Token);
        await edit.WaitAsync(record => record.Progress is { Step: > 0 }, Token, running);

        await new EditRecords(edit.Account).UpdateAsync(edit.Id, record => record with { CancelRequested = true }, Token);

        var record = await edit.WaitAsync(record => record.HasEnded(), Token, running);
        Assert.Equal((EditState.Cancelled, EditStage.Optimize, null), (record.State, record.Stage, record.Error));
        await MicroEdit.WaitAsync(async () => await edit.MessagesAsync("stage-optimize", Token) == 0, Token, running);
        Assert.DoesNotContain((await edit.BlobsAsync(Token)).Keys, blob => blob.StartsWith("optimize/", StringComparison.Ordinal));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Handle_OfAMessageWithoutRecord_WaitsForItAndThenDoesTheEdit()
    {
        var account = await azurite.NewAccountAsync();
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);
        var blob = account.Edits.GetBlobClient(StoragePaths.Record(edit.Id));
        var record = (await blob.DownloadContentAsync(Token)).Value.Content;
        await blob.DeleteAsync(cancellationToken: Token);
        using var once = edit.NewWorker(MicroEdit.Options with { Once = true });

        await once.RunAsync(Token);
        Assert.Equal(1, await edit.MessagesAsync("stage-optimize", Token));
        await blob.UploadAsync(record, Token);

        Assert.Equal(EditState.Succeeded, (await edit.RunAsync(Token)).State);
    }

    [Fact]
    public async Task Handle_OfABrokenPicture_FailsTheEditInPlainWords()
    {
        var edit = await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token, picture: [1, 2, 3, 4]);

        var record = await edit.RunAsync(Token);

        Assert.Equal((EditState.Failed, "picture-not-an-image"), (record.State, record.Error!.Code));
        await MicroEdit.WaitAsync(async () => await edit.MessagesAsync("stage-optimize", Token) == 0, Token);
        Assert.Equal(0, await edit.MessagesAsync("stage-optimize-poison", Token));
    }

    [Fact]
    public async Task Handle_OfAnUnknownModel_FailsTheEditInPlainWords()
    {
        var edit = await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token, model: "sd1-giant");

        var record = await edit.RunAsync(Token);

        Assert.Equal((EditState.Failed, "invalid-input"), (record.State, record.Error!.Code));
        Assert.Contains("sd1-giant", record.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handle_OfAModelThatIsOnlyInStorage_FetchesAndVerifiesIt()
    {
        using var empty = new TemporaryFolder();
        using var cache = new TemporaryFolder();
        var account = await azurite.NewAccountAsync();
        var package = Diffusion.Packages.ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro"));
        await new ModelStore(account).PushAsync("from-storage", package, progress: null, Token);
        var expected = await (await MicroEdit.StartAsync(account, new TestLogger(), Token, "from-folder")).RunAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, model: "from-storage");

        var record = await edit.RunAsync(Token, MicroEdit.Options with { ModelsFolder = empty.Path, CacheFolder = cache.Path });

        Assert.Equal((EditState.Succeeded, expected.ResultSha256), (record.State, record.ResultSha256));
    }
}
