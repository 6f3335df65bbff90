using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Cli.Tests.Operations;

/// <summary>What a person does about edits and messages that do not go on.</summary>
public class OperationsTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resume_OfAnEditWhoseMessageIsLost_LetsItSucceed()
    {
        var (options, edit) = await StartAsync();
        await edit.Account.Queues.GetQueueClient("stage-optimize").ClearMessagesAsync(Token);

        var end = await RunAsync(options, "resume", edit.Id.Value);

        Assert.Equal((0, "soak-edit: asked for optimize again."), (end.ExitCode, end.Output.Trim()));
        Assert.Equal(EditState.Succeeded, (await edit.RunAsync(Token)).State);
    }

    [Theory]
    [InlineData(EditMethod.Imagic)]
    [InlineData(EditMethod.SdEdit)]
    public async Task Resume_OfAFailedEdit_StartsItOverWithTheSamePicture(EditMethod method)
    {
        var (options, edit) = await StartAsync("not-yet-there", method);
        Assert.Equal(EditState.Failed, (await edit.RunAsync(Token)).State);
        await new Worker.Models.ModelStore(edit.Account).PushAsync(
            "not-yet-there", Diffusion.Packages.ModelPackage.Open(RepositoryFiles.Fixture("sd1-micro")), progress: null, Token);

        var end = await RunAsync(options, "resume", edit.Id.Value);

        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        var index = new EditIndex(edit.Account);
        Assert.Single((await index.ReadAsync(Contracts.StoragePaths.EditsUnderWay, null, 10, Token)).Entries);
        Assert.Empty((await index.ReadAsync("failed", null, 10, Token)).Entries);
        var record = await edit.RunAsync(Token);
        Assert.Equal((EditState.Succeeded, null), (record.State, record.Error));
        Assert.All(record.Settings.Stages(), stage => Assert.True(record.StatusOf(stage).Done));
    }

    [Fact]
    public async Task Resume_OfAnEditThatSucceeded_SaysSo()
    {
        var (options, edit) = await StartAsync();
        await edit.RunAsync(Token);

        var end = await RunAsync(options, "resume", edit.Id.Value);

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("has succeeded; there is nothing to resume", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_OfNoEdit_NamesIt()
    {
        var (options, _) = await StartAsync();

        var end = await RunAsync(options, "resume", "nobody");

        Assert.Equal(2, end.ExitCode);
        Assert.Contains("There is no edit 'nobody'", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Poison_ShowsWhatCouldNotBeRead_AndPutsItBack()
    {
        var (options, edit) = await StartAsync();
        const string newer = """{"schema":2,"editId":"soak-edit","stage":"finetune"}""";
        await edit.Account.Queues.GetQueueClient("stage-finetune-poison").SendMessageAsync(QueueText.Encode(System.Text.Encoding.UTF8.GetBytes(newer)), Token);

        var shown = await RunAsync(options, "poison");
        var moved = await RunAsync(options, "poison", "--requeue");

        Assert.Contains("stage-finetune-poison: 1 message", shown.Output, StringComparison.Ordinal);
        Assert.Contains(newer, shown.Output, StringComparison.Ordinal);
        Assert.Contains("stage-finetune-poison: 1 message put back on stage-finetune", moved.Output, StringComparison.Ordinal);
        Assert.Equal(0, await edit.MessagesAsync("stage-finetune" + StoragePaths.PoisonSuffix, Token));
        Assert.Equal(1, await edit.MessagesAsync("stage-finetune", Token));
    }

    [Fact]
    public async Task Poison_OfAMessageThatWouldDriveTheTerminal_ShowsItAsText()
    {
        var (options, edit) = await StartAsync();
        await edit.Account.Queues.GetQueueClient("storage-events-poison").SendMessageAsync(
            QueueText.Encode("\u001b[2J\rstorage-events-poison: 0 messages\nall is well"u8), Token);

        var shown = await RunAsync(options, "poison");

        Assert.Contains("\\u001b[2J\\u000dstorage-events-poison: 0 messages\\u000aall is well", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', shown.Output);
    }

    private async Task<(StorageOptions Options, MicroEdit Edit)> StartAsync(string model = MicroEdit.Model, EditMethod method = EditMethod.Imagic)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        return (options, await MicroEdit.StartAsync(account, NullLogger.Instance, Token, model: model, settings: MicroEdit.Settings.With(method)));
    }

    private static async Task<ProcessEnd> RunAsync(StorageOptions options, params string[] arguments)
    {
        using var process = ImagicProcess.Run(new Dictionary<string, string> { [StorageOptions.Connection] = options.ConnectionString! }, arguments);
        return await process.EndAsync();
    }
}
