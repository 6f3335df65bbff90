using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Diffusion.Packages;
using Imagic.Editing.Stages;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;
using Imagic.Worker.Models;

namespace Imagic.Worker.Tests.Messages;

/// <summary>Results of stages that get lost, and models that change, under an edit that is under way.</summary>
public class RestartTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EditStage.FineTune, EditStage.Optimize, "manifest.json", true)]
    [InlineData(EditStage.FineTune, EditStage.Optimize, "content", false)]
    [InlineData(EditStage.Sample, EditStage.Optimize, "content", true)]
    [InlineData(EditStage.Sample, EditStage.FineTune, "content", false)]
    [InlineData(EditStage.Sample, EditStage.FineTuneSuperResolution, "content", false, MicroEdit.Cascade)]
    [InlineData(EditStage.Sample, EditStage.FineTune, "manifest.json", true, MicroEdit.Cascade)]
    [InlineData(EditStage.Sample, EditStage.Optimize, "manifest.json", true, MicroEdit.Cascade)]
    [InlineData(EditStage.FineTuneSuperResolution, EditStage.Optimize, "manifest.json", true, MicroEdit.Cascade)]
    public async Task Run_AfterTheResultOfAStageWasLostOrFlipped_GoesBackToThatStage(
        EditStage next, EditStage lost, string file, bool isDeleted, string model = MicroEdit.Model)
    {
        var expected = await Undisturbed.ResultAsync(azurite, model);
        var edit = await StartAsync(model);
        await RunUntilAsync(edit, next);
        var status = (await edit.RecordAsync(Token)).StatusOf(lost);
        var blob = file == "content"
            ? edit.Account.Tunings.GetBlobClient(StoragePaths.TuningContent(status.Sha256!))
            : edit.Account.Edits.GetBlobClient($"{edit.Id}/{status.Checkpoint}/{file}");
        if (isDeleted) await blob.DeleteAsync(cancellationToken: Token);
        else await FlipAsync(blob);

        var record = await edit.RunAsync(Token);

        Assert.Equal((EditState.Succeeded, expected), (record.State, record.ResultSha256));
        Assert.Equal(1, record.Restart!.Count);
        Assert.Contains(lost.Name(), record.Restart.Why, StringComparison.Ordinal);
        await MicroEdit.WaitAsync(async () => (await edit.LeftoversAsync(record, Token)).Count == 0, Token);
    }

    [Fact]
    public async Task Run_AfterAModelWasPushedBetweenTwoStages_DoesAllStagesWithTheNewOne()
    {
        using var cache = new TemporaryFolder();
        using var changed = new TemporaryFolder();
        var micro = RepositoryFiles.Fixture("sd1-micro");
        foreach (var path in ModelPackage.Open(micro).Files())
        {
            var copy = Path.Combine(changed.Path, "model", Path.GetRelativePath(micro, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        await File.AppendAllTextAsync(Path.Combine(changed.Path, "model", "scheduler", "scheduler_config.json"), "\n", Token);
        var options = MicroEdit.Options with { CacheFolder = cache.Path };
        var account = await azurite.NewAccountAsync();
        var store = new ModelStore(account);
        await store.PushAsync("pushed", ModelPackage.Open(micro), progress: null, Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, model: "pushed");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var worker = edit.NewWorker(options with { Stages = [EditStage.Optimize] });
        var running = worker.RunAsync(stop.Token);
        await edit.WaitAsync(record => record.Stage == EditStage.FineTune, Token, running);

        var pushed = await store.PushAsync("pushed", ModelPackage.Open(Path.Combine(changed.Path, "model")), progress: null, Token);
        // The first worker, which has the old package loaded, does the stage that starts over.
        var record = await edit.RunAsync(Token, options with { Stages = [EditStage.FineTune, EditStage.Sample] });
        await stop.CancelAsync();
        await running;

        Assert.Equal((EditState.Succeeded, 1), (record.State, record.Restart!.Count));
        var result = (await account.Edits.GetBlobClient($"{edit.Id}/{record.Results}/edit.json").DownloadContentAsync(Token)).Value.Content.ToString();
        Assert.Contains(pushed.Sha256, result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithAResultThatIsLostAgainAndAgain_FailsWithTheReason()
    {
        var edit = await StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var worker = edit.NewWorker(observer: new LoseResults(edit));
        var running = worker.RunAsync(stop.Token);

        var record = await edit.WaitAsync(record => record.HasEnded(), Token, running);
        await stop.CancelAsync();
        await running;

        Assert.Equal((EditState.Failed, "result-missing", 3), (record.State, record.Error!.Code, record.Restart!.Count));
        Assert.Contains("stage optimize", record.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Fault.Killed)]
    [InlineData(Fault.NotSent)]
    public async Task Run_ByAWorkerThatEndsBetweenRecordAndMessageOfTheEarlierStage_GoesOn(Fault fault)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);
        await RunUntilAsync(edit, EditStage.FineTune);
        await edit.Account.Edits.GetBlobClient($"{edit.Id}/{(await edit.RecordAsync(Token)).StatusOf(EditStage.Optimize).Checkpoint}/manifest.json").DeleteAsync(cancellationToken: Token);
        var disturbed = new StorageAccount(options, new FaultPolicy(new("POST stage-optimize/messages", 1), fault));
        if (fault == Fault.Killed)
            await Assert.ThrowsAsync<WorkerKilledException>(() => edit.RunAsync(Token, through: new StorageAccount(options, new DieAt("POST stage-optimize/messages"))));

        var record = await edit.RunAsync(Token, through: fault == Fault.Killed ? null : disturbed);

        Assert.Equal((EditState.Succeeded, 1), (record.State, record.Restart!.Count));
    }

    private async Task<MicroEdit> StartAsync(string model = MicroEdit.Model) =>
        await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token, settings: MicroEdit.SettingsOf(model), model: model);

    private static async Task RunUntilAsync(MicroEdit edit, EditStage next)
    {
        // By workers that know only the stages before.
        foreach (var stage in (await edit.RecordAsync(Token)).Settings.Stages().Where(stage => stage < next))
            await edit.RunAsync(Token, MicroEdit.Options with { Stages = [stage] }, until: record => record.IsPast(stage));
    }

    private static async Task FlipAsync(Azure.Storage.Blobs.BlobClient blob)
    {
        var bytes = (await blob.DownloadContentAsync(Token)).Value.Content.ToArray();
        bytes[^1] ^= 1;
        await blob.UploadAsync(BinaryData.FromBytes(bytes), overwrite: true, Token);
    }

    // Before the call is made: what is not sent is lost with the process.
    private sealed class DieAt(string what) : Azure.Core.Pipeline.HttpPipelineSynchronousPolicy
    {
        private volatile bool _dead;

        public override void OnSendingRequest(Azure.Core.HttpMessage message)
        {
            _dead |= FaultPolicy.WhatOf(message.Request) == what;
            if (_dead) throw new WorkerKilledException();
        }
    }

    private sealed class LoseResults(MicroEdit edit) : IProgress<StageEvent>
    {
        public void Report(StageEvent value)
        {
            if (value is not StageEvent.Completed { Stage: "optimize" }) return;
            foreach (var blob in edit.Account.Edits.GetBlobs(
                Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, $"{edit.Id}/optimize/", Token))
            {
                edit.Account.Edits.GetBlobClient(blob.Name).Delete(cancellationToken: Token);
            }
        }
    }
}
