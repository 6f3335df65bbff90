using Azure.Core;
using Azure.Core.Pipeline;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Webhooks;
using Imagic.Functions.Webhooks;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;
using Imagic.Webhooks.Tests;

namespace Imagic.Functions.Tests.Webhooks;

/// <summary>From a worker that dies to the receiver: how often an end is told.</summary>
public class WebhookKillTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/index/succeeded/", false)] // between result and notice
    [InlineData("/webhooks/messages", false)]
    [InlineData("/webhooks/messages", true)] // between notice and its acknowledgement
    public async Task End_WhoseWorkerDies_IsDeliveredOnce(string call, bool isCarriedOut)
    {
        await using var receiver = await Receiver.StartAsync();
        var options = azurite.NewOptions();
        var edit = await StartAsync(options, receiver);
        using (var dies = edit.NewWorker(through: new(options, new DieAt(call, isCarriedOut)))) await Assert.ThrowsAsync<WorkerKilledException>(() => dies.RunAsync(Token));
        await FinishAsync(edit);

        await DeliverAllAsync(edit.Account, receiver);

        var record = await edit.RecordAsync(Token);
        Assert.Equal((EditState.Succeeded, WebhookMessage.Of(record).Id), (record.State, Assert.Single(receiver.Calls).Id));
    }

    // At least once: the receiver has it, and nobody knows.
    [Fact]
    public async Task End_WhoseDeliveryDiesAfterTheCall_IsDeliveredAgainUnderTheSameId()
    {
        await using var receiver = await Receiver.StartAsync();
        var options = azurite.NewOptions();
        var edit = await StartAsync(options, receiver);
        await FinishAsync(edit);
        var message = WebhookMessage.Of(await edit.RecordAsync(Token));

        await Assert.ThrowsAsync<WorkerKilledException>(() => DeliveryOver(new(options, new DieAt("/webhook.json", isCarriedOut: false, "PUT")), receiver).DeliverAsync(message, Token));
        await DeliverAllAsync(edit.Account, receiver);

        Assert.Equal([message.Id, message.Id], receiver.Calls.Select(call => call.Id));
        Assert.Empty(await edit.LeftoversAsync(await edit.RecordAsync(Token), Token));
    }

    private static async Task<MicroEdit> StartAsync(StorageOptions options, Receiver receiver)
    {
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        return await MicroEdit.StartAsync(account, new TestLogger(), Token, webhook: receiver.Url);
    }

    // Until no stage has a message, hidden ones included.
    private static async Task FinishAsync(MicroEdit edit)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var worker = edit.NewWorker();
        var running = worker.RunAsync(stop.Token);
        var queues = MicroEdit.Settings.Stages().Select(StoragePaths.StageQueue).ToList();
        await MicroEdit.WaitAsync(async () => (await Task.WhenAll(queues.Select(queue => edit.MessagesAsync(queue, Token)))).Sum() == 0, Token, running);
        await stop.CancelAsync();
        await running;
    }

    private static async Task DeliverAllAsync(StorageAccount account, Receiver receiver)
    {
        var queue = account.Queues.GetQueueClient(StoragePaths.Webhooks);
        while ((await queue.ReceiveMessageAsync(cancellationToken: Token)).Value is { } message)
        {
            await DeliveryOver(account, receiver).DeliverAsync(
                Versioning.Read(QueueText.Decode(message.Body.ToString()), ContractsJsonContext.Default.WebhookMessage, "message"), Token);
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Token);
        }
    }

    private static WebhookDelivery DeliveryOver(StorageAccount account, Receiver receiver) => new(
        new(account), new(account), new(account), new(account), new(receiver.Options, TimeProvider.System), new(), TimeProvider.System);

    private sealed class DieAt(string call, bool isCarriedOut, string? method = null) : HttpPipelineSynchronousPolicy
    {
        private volatile bool _dead;

        public override void OnSendingRequest(HttpMessage message)
        {
            if (!isCarriedOut) _dead |= IsIt(message);
            if (_dead) throw new WorkerKilledException();
        }

        public override void OnReceivedResponse(HttpMessage message)
        {
            _dead |= IsIt(message);
            if (_dead) throw new WorkerKilledException();
        }

        private bool IsIt(HttpMessage message) =>
            message.Request.Uri.Path.Contains(call, StringComparison.Ordinal) && (method is null || message.Request.Method.Method == method);
    }
}
