using Azure.Core;
using Azure.Core.Pipeline;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Storage;
using Imagic.Storage.Batches;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Worker.Tests.Messages;

/// <summary>Edits that are deleted while workers have them, or while their messages are on the way.</summary>
public class DeletionTests(AzuriteFixture azurite)
{
    private static readonly EditSettings Long = MicroEdit.Settings with { FineTune = new(100_000, 1e-5) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MicroEdit.Model)]
    [InlineData(MicroEdit.Cascade)] // two workers have it
    public async Task Delete_OfARunningEdit_StopsItBetweenTwoStepsAndLeavesNothing(string model)
    {
        var settings = model == MicroEdit.Model ? Long : MicroEdit.CascadeSettings with
        {
            FineTune = Long.FineTune, SuperResolution = MicroEdit.CascadeSettings.SuperResolution! with { FineTune = Long.FineTune },
        };
        var edit = await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token, settings: settings, model: model);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var one = edit.NewWorker(MicroEdit.Options with { Name = "one" });
        using var two = edit.NewWorker(MicroEdit.Options with { Name = "two" });
        var running = Task.WhenAll(one.RunAsync(stop.Token), two.RunAsync(stop.Token));
        await edit.WaitAsync(
            record => record.Stage == EditStage.FineTune && record.Progress is { Stage: EditStage.FineTune, Step: > 2 }
                && (model == MicroEdit.Model || record.SuperResolution?.Progress is { Step: > 2 }),
            Token, running);

        Assert.False(await DeleteAsync(edit.Account));

        await MicroEdit.WaitAsync(() => IsGoneAsync(edit), Token, running);
        // What the second worker of a cascade has written beside the end, it removes.
        await stop.CancelAsync();
        await running;
        if (model == MicroEdit.Model) Assert.Equal(0, await edit.MessagesAsync("stage-finetune", Token));
        Assert.Empty(await LeftAsync(edit.Account));
        Assert.Equal(0, await edit.MessagesAsync("stage-finetune-poison", Token));
    }

    [Fact]
    public async Task Delete_OfAQueuedEdit_LeavesAMessageThatStartsNothing()
    {
        var edit = await MicroEdit.StartAsync(await azurite.NewAccountAsync(), new TestLogger(), Token);
        Assert.True(await DeleteAsync(edit.Account));
        using var once = edit.NewWorker(MicroEdit.Options with { Once = true });

        await once.RunAsync(Token);

        Assert.Empty(await LeftAsync(edit.Account));
    }

    [Fact]
    public async Task Delete_AndTheSameIdAgain_DoesTheNewEditOnceBesideTheOldMessages()
    {
        var account = await azurite.NewAccountAsync();
        var old = await MicroEdit.StartAsync(account, new TestLogger(), Token, settings: MicroEdit.Settings with { Seed = 8 });
        await old.SendAsync(EditStage.FineTune, Token);
        Assert.True(await DeleteAsync(account));

        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);
        var record = await edit.RunAsync(Token);

        Assert.Equal((EditState.Succeeded, 7UL), (record.State, (ulong)record.Settings.Seed));
        await edit.RunAsync(Token, until: _ => true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var worker = edit.NewWorker();
        var running = worker.RunAsync(stop.Token);
        await MicroEdit.WaitAsync(async () => (await edit.LeftoversAsync(record, Token)).Count == 0, Token, running);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Delete_WhileAWorkerIsFrozen_IsDoneByAnotherAndTheFrozenOneWritesNothing()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, settings: Long);
        await using var frozen = new WorkerProcess(options);
        await edit.WaitAsync(record => record is { Stage: EditStage.FineTune, Progress.Step: > 2 } && record.StatusOf(EditStage.FineTune).Step > 0, Token);
        await frozen.SignalAsync("STOP", Token);
        Assert.False(await DeleteAsync(account));

        await RunUntilGoneAsync(edit, account);
        Assert.Empty(await LeftAsync(account));
        await frozen.SignalAsync("CONT", Token);
        await MicroEdit.WaitAsync(() => Task.FromResult(frozen.Lines.Any(line => line.Contains("is over", StringComparison.Ordinal))), Token);
        await frozen.SignalAsync("TERM", Token);

        Assert.Equal(0, await frozen.EndAsync(Token));
        Assert.Empty(await LeftAsync(account));
    }

    [Fact]
    public async Task Delete_AndTheSameIdAgainWhileAWorkerIsFrozen_LeavesTheNewEditAlone()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, settings: MicroEdit.Settings with { Optimize = new(100_000, 1e-5) });
        await using var frozen = new WorkerProcess(options);
        await edit.WaitAsync(record => record is { Progress.Step: > 2 } && record.StatusOf(EditStage.Optimize).Step > 0, Token);
        await frozen.SignalAsync("STOP", Token);
        Assert.False(await DeleteAsync(account));
        await RunUntilGoneAsync(edit, account);

        // The epoch is that of the frozen worker, and no newer claim is in its way.
        var anew = await MicroEdit.StartAsync(account, new TestLogger(), Token);
        await new EditRecords(account).UpdateAsync(
            anew.Id, record => record with { Epoch = 1, Created = DateTimeOffset.UnixEpoch.AddDays(1), State = EditState.Running, Claim = new("another", "another", DateTimeOffset.UnixEpoch) }, Token);
        var before = await anew.BlobsAsync(Token);
        await frozen.SignalAsync("CONT", Token);
        await MicroEdit.WaitAsync(() => Task.FromResult(frozen.Lines.Any(line => line.Contains("is over", StringComparison.Ordinal))), Token);
        await frozen.SignalAsync("KILL", Token);

        Assert.Equal(before["edit.json"], (await anew.BlobsAsync(Token))["edit.json"]);
    }

    [Fact]
    public async Task Delete_ByAWorkerThatIsKilledAtAnyCall_IsFinishedByTheNext()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var recorded = new FaultPolicy();
        await DeleteTunedAsync(recorded);
        // A worker that dies after a call that reads has done no more than before it.
        var calls = recorded.Calls.Where(call => call.What.StartsWith("DELETE", StringComparison.Ordinal) || (call.What.StartsWith("PUT", StringComparison.Ordinal)
            && !call.What.Contains("messages", StringComparison.Ordinal))).ToList();
        Assert.Contains(calls, call => call.What == "DELETE edits/{edit}/edit.json");
        Assert.InRange(calls.Count, 10, 40);

        foreach (var call in calls) await DeleteTunedAsync(new(call, Fault.Killed));

        async Task DeleteTunedAsync(FaultPolicy faults)
        {
            var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);
            await edit.RunAsync(Token, MicroEdit.Options with { Stages = [EditStage.Optimize] }, until: record => record.Stage == EditStage.FineTune);
            // As while a worker has it, which dies.
            await new EditRecords(account).UpdateAsync(edit.Id, record => record with { CancelRequested = true, DeleteRequested = true }, Token);
            try
            {
                await RunUntilGoneAsync(edit, new(options, faults), alsoWithoutMessages: faults.Calls.Count == 0);
            }
            catch (WorkerKilledException)
            {
                // as it should be
            }

            await RunUntilGoneAsync(edit, account, alsoWithoutMessages: true);
            Assert.Empty(await LeftAsync(account));
        }
    }

    [Fact]
    public async Task Delete_BetweenTheEndOfAnEditAndItsEntries_LeavesNone()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token);
        var beside = new Before("PUT index/succeeded/", async () => Assert.True(await DeleteAsync(account)));

        await RunUntilGoneAsync(edit, new(options, beside), alsoWithoutMessages: true);

        Assert.True(beside.HasCome);
        Assert.Empty(await LeftAsync(account));
    }

    [Fact]
    public async Task Delete_OfTheLastLineOfABatch_SumsUpTheOthersAndLeavesItOut()
    {
        var account = await azurite.NewAccountAsync();
        var report = new BatchReport
        {
            Manifest = "pets.csv", Run = "run", Created = DateTimeOffset.UnixEpoch, Rejected = [],
            Accepted = [new(1, EditId.Parse("first"), "input.png", "a bird"), new(2, EditId.Parse("soak-edit"), "input.png", "a bird")],
        };
        var batches = new BatchStore(account);
        await batches.TryWriteReportAsync("pets.csv", report, null, Token);
        var first = await MicroEdit.StartAsync(account, new TestLogger(), Token, "first", batch: new("pets.csv", "run", 1));
        Assert.Equal(EditState.Succeeded, (await first.RunAsync(Token)).State);
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, batch: new("pets.csv", "run", 2));

        await MicroEdit.WaitAsync(async () => await first.MessagesAsync("stage-sample", Token) == 0 || await first.RunAsync(Token) is null, Token);
        Assert.False(await DeleteAsync(account));
        await RunUntilGoneAsync(edit, account, alsoWithoutMessages: true);

        var summary = (await batches.ReadSummaryAsync("pets.csv", Token))!.Value;
        Assert.Equal((1, 0), (summary.Succeeded, summary.Cancelled));
        Assert.Equal(1, Assert.Single(summary.Edits).Line);
        Assert.Equal(EditState.Succeeded, (await first.RecordAsync(Token)).State);
    }

    // As the API does; whether it is gone.
    private static async Task<bool> DeleteAsync(StorageAccount account)
    {
        var records = new EditRecords(account);
        var deletion = new EditDeletion(account, records, new(account), new(account), new(account), new(account), TimeProvider.System);
        return await deletion.TryFinishAsync((await deletion.RequestAsync(EditId.Parse("soak-edit"), isGivenUp: false, Token))!, Token);
    }

    private static async Task<bool> IsGoneAsync(MicroEdit edit) => await new EditRecords(edit.Account).ReadAsync(edit.Id, Token) is null;

    private static async Task RunUntilGoneAsync(MicroEdit edit, StorageAccount through, bool alsoWithoutMessages = false)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var worker = edit.NewWorker(MicroEdit.Options with { Visibility = TimeSpan.FromSeconds(1) }, through);
        var running = worker.RunAsync(stop.Token);
        try
        {
            await MicroEdit.WaitAsync(async () => await IsGoneAsync(edit), Token, running);
            if (alsoWithoutMessages && !running.IsCompleted) await ClearAsync(edit);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }
    }

    // A message of an edit that is gone ends by itself after a few minutes.
    private static async Task ClearAsync(MicroEdit edit)
    {
        foreach (var queue in StoragePaths.Queues) await edit.Account.Queues.GetQueueClient(queue).ClearMessagesAsync(Token);
    }

    // All but tunings without edits, which the sweep removes.
    private static async Task<IReadOnlyList<string>> LeftAsync(StorageAccount account)
    {
        var names = new List<string>();
        foreach (var container in StoragePaths.Containers)
        {
            await foreach (var blob in account.Blobs.GetBlobContainerClient(container).GetBlobsAsync(cancellationToken: Token)) names.Add($"{container}/{blob.Name}");
        }

        return [.. names.Where(name => !name.StartsWith("tunings/", StringComparison.Ordinal) || name.Contains("/edits/", StringComparison.Ordinal))];
    }

    /// <summary>Does something before the first call of a kind.</summary>
    private sealed class Before(string call, Func<Task> what) : HttpPipelinePolicy
    {
        private int _isTold;

        public bool HasCome => _isTold > 0;

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            if (FaultPolicy.WhatOf(message.Request).StartsWith(call, StringComparison.Ordinal) && Interlocked.Exchange(ref _isTold, 1) == 0) await what();
            await ProcessNextAsync(message, pipeline);
        }
    }
}
