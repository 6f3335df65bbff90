using System.Text.Json;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Imaging;
using Imagic.Storage;
using Imagic.TestKit;
using Imagic.Tests;

namespace Imagic.Worker.Tests.Batches;

public class BatchCompletionTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batch_WhoseEditsHaveAllEnded_GetsASheetAndASummary()
    {
        var account = await azurite.NewAccountAsync();
        var report = Report("run-1", 3);
        await WriteReportAsync(account, report);
        var edits = new List<MicroEdit>();
        foreach (var line in report.Accepted)
        {
            // The second of the three has settings that diverge.
            var settings = line.Line == 2 ? MicroEdit.Settings with { FineTune = new(60, 1) } : MicroEdit.Settings;
            edits.Add(await MicroEdit.StartAsync(
                account, new TestLogger(), Token, line.EditId.Value, settings, batch: new("catalogue", report.Run, line.Line)));
        }

        foreach (var edit in edits) await edit.RunAsync(Token);
        await edits[0].RunAsync(Token, until: _ => account.Batches.GetBlobClient("catalogue/summary.json").Exists(Token).Value);

        var summary = await ReadSummaryAsync(account);
        Assert.Equal((2, 1, 0, 1), (summary.Succeeded, summary.Failed, summary.Cancelled, summary.Rejected));
        Assert.Equal([1, 2, 3], summary.Edits.Select(edit => edit.Line));
        Assert.Contains("learning rate", summary.Edits[1].Message!, StringComparison.Ordinal);
        Assert.True(await account.Edits.GetBlobClient(summary.Edits[0].Results).ExistsAsync(Token));
        var sheet = (await account.Batches.GetBlobClient("catalogue/contact-sheet.png").DownloadContentAsync(Token)).Value.Content;
        Assert.True(ImageCodec.Decode(sheet, ImageLimits.Default).Width > 4 * 160);
        await MicroEdit.WaitAsync(async () => await CountAsync(account, "catalogue/ended/") == 0, Token);
    }

    [Fact]
    public async Task Batch_WhoseManifestWasOverwritten_IsNotSummedUpByItsOlderEdits()
    {
        var account = await azurite.NewAccountAsync();
        var older = Report("run-1", 1);
        await WriteReportAsync(account, Report("run-2", 1));
        var edit = await MicroEdit.StartAsync(account, new TestLogger(), Token, batch: new("catalogue", older.Run, 1));

        Assert.Equal(EditState.Succeeded, (await edit.RunAsync(Token)).State);

        Assert.Equal(1, await CountAsync(account, ""));
    }

    private static BatchReport Report(string run, int lines) => new()
    {
        Manifest = "catalogue.jsonl",
        Run = run,
        Created = DateTimeOffset.UnixEpoch,
        Accepted = [.. Enumerable.Range(1, lines).Select(line => new AcceptedLine(line, EditId.Parse($"{run}-line-{line}"), "input.png", $"a bird, number {line}"))],
        Rejected = [new(4, "invalid-setting", "The guidance must lie in 0 to 50.")],
    };

    private static Task WriteReportAsync(StorageAccount account, BatchReport report) => account.Batches.GetBlobClient("catalogue/report.json").UploadAsync(
        BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(report, ContractsJsonContext.Default.BatchReport)), Token);

    private static async Task<BatchSummary> ReadSummaryAsync(StorageAccount account) => Versioning.Read(
        (await account.Batches.GetBlobClient("catalogue/summary.json").DownloadContentAsync(Token)).Value.Content,
        ContractsJsonContext.Default.BatchSummary, "summary");

    private static async Task<int> CountAsync(StorageAccount account, string prefix)
    {
        var count = 0;
        await foreach (var _ in account.Batches.GetBlobsAsync(
            Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, prefix, Token))
        {
            count++;
        }

        return count;
    }
}
