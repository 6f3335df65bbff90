using Azure.Core;
using Azure.Core.Pipeline;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Editing;
using Imagic.Editing.Stages;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Worker.Tests.Messages;

/// <summary>What counts as a failed attempt, and what comes of too many.</summary>
public class AttemptsTests(AzuriteFixture azurite)
{
    // Nobody dies here, so no message has to come back soon; on a busy machine none is lost for want of a renewal either.
    private static readonly WorkerOptions Patient = MicroEdit.Options with { Visibility = TimeSpan.FromMinutes(2) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_StoppedTwentyTimesInOneStage_IsNoFailureAndGivesTheSameBytes()
    {
        var settings = MicroEdit.Settings with { FineTune = new(45, 1e-3) };
        var expected = (await (await StartAsync(settings)).RunAsync(Token)).ResultSha256;
        var edit = await StartAsync(settings);
        // By a worker that knows only the stage before: one that is stopped when the record tells of the next may have begun it.
        await edit.RunAsync(Token, Patient with { Stages = [EditStage.Optimize] }, until: record => record.Stage == EditStage.FineTune);

        var most = 0;
        for (var i = 0; i < 20; i++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            using var worker = edit.NewWorker(Patient, observer: new StopAfter(2, stop));
            await worker.RunAsync(stop.Token);
            var stopped = await edit.RecordAsync(Token);
            Assert.Equal((EditState.Queued, EditStage.FineTune, null), (stopped.State, stopped.Stage, stopped.Claim));
            Assert.Equal(2 * (i + 1), stopped.StatusOf(EditStage.FineTune).Step);
            most = Math.Max(most, stopped.Attempts);
        }

        var record = await edit.RunAsync(Token, Patient);
        Assert.Equal(0, most);
        Assert.Equal((EditState.Succeeded, expected), (record.State, record.ResultSha256));
        Assert.Equal(20, record.StatusOf(EditStage.FineTune).Resumes);
        Assert.Empty(await edit.LeftoversAsync(record, Token));
    }

    [Fact]
    public async Task Run_BySignalInARealProcess_LeavesACheckpointAndExitsWithZero()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, settings: MicroEdit.Settings with { FineTune = new(3000, 1e-5) });
        foreach (var signal in new[] { "TERM", "INT" })
        {
            var before = (await edit.RecordAsync(Token)).StatusOf(EditStage.FineTune).Step;
            await using var worker = new WorkerProcess(options);
            await edit.WaitAsync(record => record.State == EditState.Running && record.StatusOf(EditStage.FineTune).Step > before, Token);

            await worker.SignalAsync(signal, Token);

            Assert.Equal(0, await worker.EndAsync(Token));
            var record = await edit.RecordAsync(Token);
            Assert.Equal((EditState.Queued, null), (record.State, record.Claim));
            Assert.True(record.StatusOf(EditStage.FineTune).Step > before);
        }
    }

    [Fact]
    public async Task Run_BySignalInAStepThatNeverEnds_GivesTheMessageBackAndExitsWithZero()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var expected = await Undisturbed.ResultAsync(azurite);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);
        await using var worker = WorkerProcess.StartEndless(options, new("finetune", 2), "--stop-within", "3");
        await MicroEdit.WaitAsync(() => Task.FromResult(worker.Lines.Any(line => line.Contains("never ends", StringComparison.Ordinal))), Token);
        await edit.WaitAsync(record => record.StatusOf(EditStage.FineTune).Step == 1, Token);
        var started = TimeProvider.System.GetTimestamp();

        await worker.SignalAsync("TERM", Token);

        Assert.Equal(0, await worker.EndAsync(Token));
        TestContext.Current.TestOutputHelper!.WriteLine($"ended after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");
        var record = await edit.RecordAsync(Token);
        Assert.Equal((EditState.Queued, EditStage.FineTune, null, 0), (record.State, record.Stage, record.Claim, record.Attempts));
        Assert.Equal(1, record.StatusOf(EditStage.FineTune).Step);
        Assert.Equal(expected, (await edit.RunAsync(Token, Patient)).ResultSha256);
    }

    [Fact]
    public async Task Run_FailingFiveTimesWithoutProgress_FailsTheEditAndKeepsTheMessage()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);

        var record = await edit.RunAsync(Token, through: new StorageAccount(options, new RefuseSource()));

        Assert.Equal((EditState.Failed, "stage-failed", 5), (record.State, record.Error!.Code, record.Epoch));
        Assert.Contains("5 times", record.Error.Message, StringComparison.Ordinal);
        Assert.Contains("not today", record.Error.Message, StringComparison.Ordinal);
        await MicroEdit.WaitAsync(async () => await edit.MessagesAsync("stage-optimize-poison", Token) == 1, Token);
        await MicroEdit.WaitAsync(async () => await edit.MessagesAsync("stage-optimize", Token) == 0, Token);
    }

    [Fact]
    public async Task Run_ByWorkersThatDieFiveTimesWithoutProgress_FailsTheEdit()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);
        var quick = MicroEdit.Options with { Visibility = TimeSpan.FromSeconds(1) };
        for (var i = 0; i < quick.MaxAttempts; i++)
        {
            // Dies when it asks for the source picture: after its claim, before any progress.
            await Assert.ThrowsAsync<WorkerKilledException>(() => edit.RunAsync(Token, quick, new StorageAccount(options, new DieAtSource())));
        }

        var record = await edit.RunAsync(Token, quick);

        Assert.Equal((EditState.Failed, "stage-failed"), (record.State, record.Error!.Code));
        await MicroEdit.WaitAsync(async () => await edit.MessagesAsync("stage-optimize-poison", Token) == 1, Token);
    }

    [Fact]
    public async Task Run_WithSettingsThatDiverge_FailsAtOnceWithAnAdvice()
    {
        var edit = await StartAsync(MicroEdit.Settings with { FineTune = new(60, 1) });

        var record = await edit.RunAsync(Token);

        Assert.Equal((EditState.Failed, "diverged", EditStage.FineTune), (record.State, record.Error!.Code, record.Error.Stage));
        Assert.Contains("learning rate", record.Error.Message, StringComparison.Ordinal);
        Assert.Equal(2, record.Epoch);
    }

    private async Task<MicroEdit> StartAsync(EditSettings settings) =>
        await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token, settings: settings);

    private sealed class StopAfter(int steps, CancellationTokenSource stop) : IProgress<StageEvent>
    {
        private int _steps;

        public void Report(StageEvent value)
        {
            if (value is StageEvent.Advanced && ++_steps == steps) stop.Cancel();
        }
    }

    private sealed class RefuseSource : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message)
        {
            if (message.Request.Uri.Path.EndsWith("/source", StringComparison.Ordinal)) throw new InvalidOperationException("not today");
        }
    }

    private sealed class DieAtSource : HttpPipelineSynchronousPolicy
    {
        private volatile bool _dead;

        public override void OnSendingRequest(HttpMessage message)
        {
            _dead |= message.Request.Uri.Path.EndsWith("/source", StringComparison.Ordinal);
            if (_dead) throw new WorkerKilledException();
        }
    }
}
