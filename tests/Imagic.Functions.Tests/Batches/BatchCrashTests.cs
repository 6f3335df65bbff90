using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Functions.Batches;
using Imagic.Functions.Tests.Edits;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Storage;
using Imagic.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Imagic.Functions.Tests.Batches;

/// <summary>A manifest whose handling ends anywhere is completed by the next delivery of its event.</summary>
public class BatchCrashTests(AzuriteFixture azurite)
{
    // Report, manifest, deletion, a picture per line, report, manifest, summary, edits under way, 7 per start, report, deletion, problem.
    private const int Calls = 2 + 1 + 2 + 1 + 1 + 1 + 1 + (2 * 7) + 2 + 1;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Handle_AfterACrashAtAnyCall_CompletesTheBatch(bool isDone)
    {
        var options = await NewOptionsAsync();
        var account = new StorageAccount(options);
        for (var call = 1; call <= Calls; call++)
        {
            var manifest = $"m{call}.csv";
            await account.Batches.TextAsync(manifest, "source,targetText\ncat.png,a smiling cat\nbad\ncat.png,a sleeping cat\n");
            await Assert.ThrowsAnyAsync<Exception>(() => EventsOver(new(options, new CrashProbe(call, isDone))).HandleAsync(manifest, Token));

            await EventsOver(account).HandleAsync(manifest, Token);

            var report = Versioning.Read(
                (await account.Batches.GetBlobClient(StoragePaths.BatchReport(manifest)).DownloadContentAsync(Token)).Value.Content,
                ContractsJsonContext.Default.BatchReport, "the report");
            Assert.Equal([2, 4], report.Accepted.Select(line => line.Line));
            Assert.Equal([3], report.Rejected.Select(line => line.Line));
            foreach (var line in report.Accepted) await AssertStartedAsync(account, manifest, report, line);
            Assert.Equal(report.Accepted.Select(line => line.EditId).ToHashSet(), await TakeMessagesAsync(account));
        }
    }

    [Fact]
    public async Task Handle_WithoutACrash_MakesAsManyCallsAsAreTested()
    {
        var probe = new CrashProbe(0, false);
        var account = new StorageAccount(await NewOptionsAsync(), probe);
        await account.Batches.TextAsync("m.csv", "source,targetText\ncat.png,a smiling cat\ncat.png,a sleeping cat\n");
        var before = probe.Calls;

        await EventsOver(account).HandleAsync("m.csv", Token);

        Assert.Equal(Calls, probe.Calls - before);
    }

    private static async Task AssertStartedAsync(StorageAccount account, string batch, BatchReport report, AcceptedLine line)
    {
        var record = (await new EditRecords(account).ReadAsync(line.EditId, Token))!.Value;
        Assert.Equal((line.TargetText, new(batch, report.Run, line.Line)), (record.Settings.TargetText, record.Batch!));
        Assert.True(await account.Edits.GetBlobClient(StoragePaths.Source(line.EditId)).ExistsAsync(Token));
    }

    // Taken off the queue, so that only those of the next manifest are found next time.
    private static async Task<HashSet<EditId>> TakeMessagesAsync(StorageAccount account)
    {
        var queue = account.Queues.GetQueueClient(StoragePaths.StageQueue(EditStage.Optimize));
        var asked = new HashSet<EditId>();
        while ((await queue.ReceiveMessageAsync(cancellationToken: Token)).Value is { } message)
            asked.Add(Versioning.Read(QueueText.Decode(message.MessageText), ContractsJsonContext.Default.StageMessage, "the message").EditId);
        return asked;
    }

    internal static BatchEvents EventsOver(StorageAccount account)
    {
        var starter = EditStarterTests.StarterOver(account);
        return new(
            account, new(account), starter, new(account), new(account), Deletions.BatchesOver(account), new(account), new(), TimeProvider.System, NullLogger<BatchEvents>.Instance);
    }

    private async Task<StorageOptions> NewOptionsAsync()
    {
        var options = azurite.NewOptions();
        var account = new StorageAccount(options);
        await account.EnsureCreatedAsync(Token);
        await account.Uploads.GetBlobClient("cat.png").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Token);
        return options;
    }
}
