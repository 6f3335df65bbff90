using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Editing.Checkpoints;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;
using Imagic.Worker.Leases;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Imagic.Worker.Tests.Leases;

public class MessageLeaseTests(AzuriteFixture azurite)
{
    private const string Queue = "stage-optimize";

    private static readonly TimeSpan Visibility = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WhoseMessageIsLost_EndsTheStageBeforeTheNextCheckpoint()
    {
        var edit = await MicroEdit.StartAsync(
            await azurite.NewAccountAsync(), new TestLogger(), Token, settings: MicroEdit.Settings with { Optimize = new(100_000, 1e-5) });
        using var worker = edit.NewWorker(MicroEdit.Options with { Once = true, Checkpoints = new CheckpointPolicy.Fixed(TimeSpan.FromHours(1)) });
        var running = worker.RunAsync(Token);
        await edit.WaitAsync(record => record.Progress is { Step: > 0 }, Token, running);

        await edit.Account.Queues.GetQueueClient(Queue).ClearMessagesAsync(Token);

        await running.WaitAsync(TimeSpan.FromSeconds(30), Token);
        var record = await edit.RecordAsync(Token);
        Assert.Equal((EditState.Running, EditStage.Optimize, null), (record.State, record.Stage, record.Error));
        Assert.Null(record.StatusOf(EditStage.Optimize).Checkpoint);
    }

    [Fact]
    public async Task Renewal_ThatFails_IsTriedAgainWhileNobodySeesTheMessage()
    {
        var (time, renewals) = (new FakeTimeProvider(), new Renewals());
        await using var lease = await ReceiveAsync(renewals, time);

        await RenewAsync(403, Visibility / 3);
        await RenewAsync(403, Visibility / 3);
        await RenewAsync(null, Visibility / 3);
        await RenewAsync(403, Visibility / 3);
        Assert.False(lease.Lost.IsCancellationRequested);
        await RenewAsync(403, Visibility);

        Assert.True(lease.Lost.IsCancellationRequested);

        async Task RenewAsync(int? refusal, TimeSpan later)
        {
            var ended = renewals.NextAsync(refusal);
            time.Advance(later);
            await ended.WaitAsync(Token);
        }
    }

    [Fact]
    public async Task Renewal_OfAMessageThatAnotherHasReceived_LosesItAtOnce()
    {
        var (time, renewals) = (new FakeTimeProvider(), new Renewals());
        await using var lease = await ReceiveAsync(renewals, time);

        var ended = renewals.NextAsync(refusal: 404);
        time.Advance(Visibility / 3);
        await ended.WaitAsync(Token);

        Assert.True(lease.Lost.IsCancellationRequested);
    }

    private async Task<MessageLease> ReceiveAsync(Renewals renewals, FakeTimeProvider time)
    {
        var account = new StorageAccount(azurite.NewOptions(), renewals);
        await account.EnsureCreatedAsync(Token);
        await account.Queues.GetQueueClient(Queue).SendMessageAsync("text", Token);
        return (await MessageLease.ReceiveAsync(account.Queues, Queue, Visibility, time, renewals, Token))!;
    }

    /// <summary>Refuses renewals, and tells when one has ended: by the answer, or by what the lease logs of its failure.</summary>
    private sealed class Renewals : HttpPipelineSynchronousPolicy, ILogger
    {
        private TaskCompletionSource _ended = new();
        private int? _refusal;

        public Task NextAsync(int? refusal)
        {
            _refusal = refusal;
            return (_ended = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        public override void OnSendingRequest(HttpMessage message)
        {
            if (IsRenewal(message) && _refusal is { } status) throw new RequestFailedException(status, "refused");
        }

        public override void OnReceivedResponse(HttpMessage message)
        {
            if (IsRenewal(message)) _ended.TrySetResult();
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _ended.TrySetResult();

        private static bool IsRenewal(HttpMessage message) =>
            message.Request.Method == RequestMethod.Put && message.Request.Uri.Path.Contains("/messages/", StringComparison.Ordinal);
    }
}
