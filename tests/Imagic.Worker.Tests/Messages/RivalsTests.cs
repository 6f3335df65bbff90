using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Editing.Stages;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Worker.Tests.Messages;

/// <summary>Two workers on one edit, messages that come twice, workers that were frozen.</summary>
public class RivalsTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MicroEdit.Model)]
    [InlineData(MicroEdit.Cascade)]
    public async Task Run_EveryMessageTwiceAndTwoWorkers_GivesOneResultPerStage(string model)
    {
        var settings = MicroEdit.SettingsOf(model);
        var expected = await Undisturbed.ResultAsync(azurite, model);
        var edit = await StartAsync(settings, model);
        // Messages of later stages come before their time, too.
        foreach (var stage in Enum.GetValues<EditStage>()) await edit.SendAsync(stage, Token);
        foreach (var stage in settings.Stages().Skip(1)) await edit.SendAsync(stage, Token);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var one = edit.NewWorker(MicroEdit.Options with { Name = "one" });
        using var two = edit.NewWorker(MicroEdit.Options with { Name = "two" });
        Task[] running = [one.RunAsync(stop.Token), two.RunAsync(stop.Token)];
        var record = await edit.WaitAsync(record => record.HasEnded(), Token, Task.WhenAny(running));
        await MicroEdit.WaitAsync(async () => (await edit.LeftoversAsync(record, Token)).Count == 0, Token);
        await stop.CancelAsync();
        await Task.WhenAll(running);

        Assert.Equal(EditState.Succeeded, record.State);
        Assert.Equal(expected, record.ResultSha256);
        Assert.Equal(record.Sequence, (await edit.RecordAsync(Token)).Sequence);
    }

    [Fact]
    public async Task Run_WokenAfterBeingFrozenForLongerThanTheVisibilityTime_WritesNothing()
    {
        var settings = MicroEdit.Settings with { FineTune = new(150, 1e-4) };
        var expected = (await (await StartAsync(settings, MicroEdit.Model)).RunAsync(Token)).ResultSha256;
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, settings: settings);
        await using var frozen = new WorkerProcess(options);
        await edit.WaitAsync(record => record is { Stage: EditStage.FineTune, Progress.Step: > 2 } && record.StatusOf(EditStage.FineTune).Step > 0, Token);
        await frozen.SignalAsync("STOP", Token);
        var epoch = (await edit.RecordAsync(Token)).Epoch;

        var record = await edit.RunAsync(Token);
        Assert.Equal(EditState.Succeeded, record.State);
        Assert.True(record.Epoch > epoch + 1, "nobody took over");
        var before = await edit.BlobsAsync(Token);
        await frozen.SignalAsync("CONT", Token);
        await MicroEdit.WaitAsync(() => Task.FromResult(frozen.Lines.Any(line => line.Contains("is over", StringComparison.Ordinal))), Token);
        await frozen.SignalAsync("TERM", Token);

        Assert.Equal(0, await frozen.EndAsync(Token));
        Assert.Equal(before, await edit.BlobsAsync(Token));
        Assert.Equal(expected, record.ResultSha256);
        Assert.Empty(await edit.LeftoversAsync(record, Token));
    }

    [Theory]
    [InlineData("optimize/0001-000004-result")]
    [InlineData("finetune/0002-000003-result")]
    [InlineData("sample/0003-000006-result")]
    [InlineData("finetune-sr/0001-000003-result", MicroEdit.Cascade)]
    [InlineData("sample/0003-000010-result", MicroEdit.Cascade)]
    public async Task Run_AfterAWorkerThatDiedBetweenAResultAndTheRecord_KeepsThatResult(string result, string model = MicroEdit.Model)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, settings: MicroEdit.SettingsOf(model), model: model);
        var faults = new FaultPolicy(new($"PUT edits/{{edit}}/{result}/manifest.json", 1), Fault.Killed);
        await Assert.ThrowsAsync<WorkerKilledException>(() => edit.RunAsync(Token, through: new(options, faults)));

        var record = await edit.RunAsync(Token);

        Assert.Equal(EditState.Succeeded, record.State);
        Assert.Contains(record.Stages, status => status.Done && status.Checkpoint == result);
        Assert.All(record.Stages, status => Assert.True(status.Done, $"{status.Stage} is not done"));
        await MicroEdit.WaitAsync(async () => (await edit.LeftoversAsync(record, Token)).Count == 0, Token);
    }

    [Fact]
    public async Task Run_OfACascadeByTwoWorkers_TunesBothModelsAtTheSameTime()
    {
        var expected = await Undisturbed.ResultAsync(azurite, MicroEdit.Cascade);
        var edit = await StartAsync(MicroEdit.CascadeSettings, MicroEdit.Cascade);
        using var meeting = new Meeting();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var one = edit.NewWorker(MicroEdit.Options with { Name = "one" }, observer: meeting);
        using var two = edit.NewWorker(MicroEdit.Options with { Name = "two" }, observer: meeting);
        Task[] running = [one.RunAsync(stop.Token), two.RunAsync(stop.Token)];

        var record = await edit.WaitAsync(record => record.HasEnded(), Token, Task.WhenAny(running));
        await MicroEdit.WaitAsync(async () => (await edit.LeftoversAsync(record, Token)).Count == 0, Token);
        await stop.CancelAsync();
        await Task.WhenAll(running);

        Assert.True(meeting.HasTakenPlace, "one stage ended before the other was at its second step");
        Assert.Equal((EditState.Succeeded, expected), (record.State, record.ResultSha256));
        Assert.Equal((3, 1), (record.Epoch, record.SuperResolution!.Epoch));
    }

    [Theory]
    [InlineData(EditStage.FineTune, EditStage.FineTuneSuperResolution)]
    [InlineData(EditStage.FineTuneSuperResolution, EditStage.FineTune)]
    public async Task Run_OfACascadeWhoseWorkerDiesOnceBothModelsAreTuned_GoesOnToSampling(EditStage first, EditStage second)
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var expected = await Undisturbed.ResultAsync(azurite, MicroEdit.Cascade);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, settings: MicroEdit.CascadeSettings, model: MicroEdit.Cascade);
        await edit.RunAsync(Token, MicroEdit.Options with { Stages = [EditStage.Optimize] }, until: record => record.Stage > EditStage.Optimize);
        await edit.RunAsync(Token, MicroEdit.Options with { Stages = [first] }, until: record => record.IsPast(first));
        Assert.Equal(0, await edit.MessagesAsync(StoragePaths.StageQueue(EditStage.Sample), Token));
        var dies = new FaultPolicy(new($"POST {StoragePaths.StageQueue(EditStage.Sample)}/messages", 1), Fault.Killed);
        await Assert.ThrowsAsync<WorkerKilledException>(() => edit.RunAsync(Token, MicroEdit.Options with { Stages = [second] }, new(options, dies)));

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var worker = edit.NewWorker();
        var running = worker.RunAsync(stop.Token);
        var record = await edit.WaitAsync(record => record.HasEnded(), Token, running);
        // The message that was sent twice is seen.
        await MicroEdit.WaitAsync(async () => (await edit.LeftoversAsync(record, Token)).Count == 0, Token, running);
        await stop.CancelAsync();
        await running;

        Assert.Equal((EditState.Succeeded, expected), (record.State, record.ResultSha256));
    }

    // Neither stage gets to its third step before the other one is at its second.
    private sealed class Meeting : IProgress<StageEvent>, IDisposable
    {
        private readonly Barrier _barrier = new(2);

        public bool HasTakenPlace { get; private set; }

        public void Report(StageEvent value)
        {
            if (value is StageEvent.Advanced { Stage: "finetune" or "finetune-sr", Step: 2 } && _barrier.SignalAndWait(TimeSpan.FromMinutes(1), Token)) HasTakenPlace = true;
        }

        public void Dispose() => _barrier.Dispose();
    }

    private async Task<MicroEdit> StartAsync(EditSettings settings, string model) =>
        await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token, settings: settings, model: model);
}
