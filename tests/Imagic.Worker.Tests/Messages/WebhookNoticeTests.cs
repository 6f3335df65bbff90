using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Contracts.Webhooks;
using Imagic.Storage;
using Imagic.Tests;

namespace Imagic.Worker.Tests.Messages;

/// <summary>The end of an edit is told wherever its worker dies, and under one id, by which whoever delivers it knows the same again.</summary>
public class WebhookNoticeTests(AzuriteFixture azurite)
{
    private const string Notice = $"POST {StoragePaths.Webhooks}/messages";
    private const string Url = "https://example.com/hook";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Fault.NotSent, 1)]
    [InlineData(Fault.AnswerLost, 2)]
    [InlineData(Fault.AnsweredWith500, 2)]
    [InlineData(Fault.Killed, 2)]
    public async Task End_WhoseNoticeGoesWrong_IsToldUnderOneId(Fault fault, int messages)
    {
        var options = azurite.NewOptions();
        var edit = await StartAsync(options);
        var policy = new FaultPolicy(new(Notice, 1), fault);

        await WorkAsync(edit, new StorageAccount(options, policy), dies: fault == Fault.Killed);
        await WorkAsync(edit);

        Assert.True(policy.HasDisturbed);
        var record = await edit.RecordAsync(Token);
        Assert.Equal(EditState.Succeeded, record.State);
        Assert.Equal(Enumerable.Repeat(WebhookMessage.Of(record), messages), await NoticesAsync(edit));
    }

    [Theory]
    [InlineData("/index/succeeded/")] // the first that follows the end in the record
    [InlineData("/webhooks/messages")]
    public async Task End_WhoseWorkerDiesBetweenResultAndNotice_IsTold(string call)
    {
        var options = azurite.NewOptions();
        var edit = await StartAsync(options);

        await WorkAsync(edit, new StorageAccount(options, new DieBefore(call)), dies: true);
        Assert.Equal(EditState.Succeeded, (await edit.RecordAsync(Token)).State);
        Assert.Empty(await NoticesAsync(edit));
        await WorkAsync(edit);

        Assert.Equal([WebhookMessage.Of(await edit.RecordAsync(Token))], await NoticesAsync(edit));
    }

    [Fact]
    public async Task End_OfAnEditWithoutAWebhook_IsToldToNobody()
    {
        var edit = await StartAsync(azurite.NewOptions(), url: null);

        await WorkAsync(edit);

        Assert.Empty(await NoticesAsync(edit));
    }

    // Whoever concludes an end again does not remove what became of telling it.
    [Fact]
    public async Task End_ConcludedAgain_KeepsWhatBecameOfTellingIt()
    {
        var edit = await StartAsync(azurite.NewOptions());
        await WorkAsync(edit);
        var message = WebhookMessage.Of(await edit.RecordAsync(Token));
        var statuses = new WebhookStatuses(edit.Account);
        await statuses.WriteAsync(message, new(Url) { Tries = 1, LastStatus = 500 }, before: null, Token);

        await edit.SendAsync(EditStage.Sample, Token);
        await WorkAsync(edit);

        Assert.Equal(1, (await statuses.FindAsync(message, Token))!.Value.View.Tries);
        Assert.Equal([message, message], await NoticesAsync(edit));
    }

    [Fact]
    public async Task BatchEnd_WhoseWorkerDiesBetweenSummaryAndNotice_IsTold()
    {
        var options = azurite.NewOptions();
        var edit = await StartAsync(options, url: null, batch: new("pets.jsonl", "run-1", 1));
        var report = new BatchReport
        {
            Manifest = "pets.jsonl", Run = "run-1", Created = DateTimeOffset.UnixEpoch, Webhook = Url,
            Accepted = [new(1, edit.Id, "input.png", "a bird")], Rejected = [],
        };
        await edit.Account.Batches.GetBlobClient(StoragePaths.BatchReport(report.Manifest)).UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(report, ContractsJsonContext.Default.BatchReport)), Token);

        await WorkAsync(edit, new StorageAccount(options, new DieBefore("/webhooks/messages")), dies: true);
        Assert.True(await edit.Account.Batches.GetBlobClient(StoragePaths.BatchSummary(report.Manifest)).ExistsAsync(Token));
        await WorkAsync(edit);

        Assert.Equal("pets.jsonl", Assert.Single(await NoticesAsync(edit)).Batch);
    }

    private static async Task<MicroEdit> StartAsync(StorageOptions options, string? url = Url, BatchReference? batch = null)
    {
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        return await MicroEdit.StartAsync(account, new TestLogger(), Token, webhook: url, batch: batch);
    }

    // Until no stage has a message, hidden ones included, or the worker has died.
    private static async Task WorkAsync(MicroEdit edit, StorageAccount? through = null, bool dies = false)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var worker = edit.NewWorker(through: through);
        var running = worker.RunAsync(stop.Token);
        if (dies)
        {
            await Assert.ThrowsAsync<WorkerKilledException>(() => running);
            return;
        }

        var queues = MicroEdit.Settings.Stages().Select(StoragePaths.StageQueue).ToList();
        await MicroEdit.WaitAsync(async () => (await Task.WhenAll(queues.Select(queue => edit.MessagesAsync(queue, Token)))).Sum() == 0, Token, running);
        await stop.CancelAsync();
        await running;
    }

    private static async Task<List<WebhookMessage>> NoticesAsync(MicroEdit edit)
    {
        var messages = await edit.Account.Queues.GetQueueClient(StoragePaths.Webhooks).PeekMessagesAsync(32, Token);
        return [.. messages.Value.Select(message => Versioning.Read(QueueText.Decode(message.Body.ToString()), ContractsJsonContext.Default.WebhookMessage, "message"))];
    }

    private sealed class DieBefore(string call) : HttpPipelineSynchronousPolicy
    {
        private volatile bool _dead;

        public override void OnSendingRequest(HttpMessage message)
        {
            _dead |= message.Request.Uri.Path.Contains(call, StringComparison.Ordinal);
            if (_dead) throw new WorkerKilledException();
        }
    }
}
