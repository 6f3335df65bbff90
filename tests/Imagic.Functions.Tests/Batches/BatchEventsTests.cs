using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Functions.Tests.Edits;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Batches;

public class BatchEventsTests(AzuriteFixture azurite)
{
    private const string Manifest = "catalogue.jsonl";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Manifest_Of20LinesWith3BadOnes_StartsTheOther17()
    {
        await using var app = await StartAsync();
        var lines = Enumerable.Range(1, 20).Select(i => Line($"a cat with {i} hats")).ToArray();
        lines[4] = """{"source":"cat.png","targetText":"a cat","guidance":7}""";
        lines[10] = Line("a cat", source: "no-such.png");
        lines[19] = "{\"source\":\"cat.png\",";

        await app.DropAsync(Manifest, string.Join('\n', lines));

        var (report, _) = await app.ReportAsync(Manifest);
        Assert.Equal(Manifest, report.Manifest);
        Assert.Equal([(5, "unknown-member"), (11, "source-not-found"), (20, "invalid-json")], report.Rejected.Select(line => (line.Line, line.Code)));
        Assert.All(report.Rejected, line => Assert.NotEmpty(line.Message));
        Assert.Equal(Enumerable.Range(1, 20).Except([5, 11, 20]), report.Accepted.Select(line => line.Line));
        Assert.All(report.Accepted, line => Assert.Equal(("cat.png", $"a cat with {line.Line} hats"), (line.Source, line.TargetText)));
        var edits = await app.EditsAsync();
        Assert.Equal(
            report.Accepted.Select(line => (line.EditId, line.TargetText, new BatchReference(Manifest, report.Run, line.Line))).OrderBy(line => line.EditId.Value),
            edits.Select(edit => (edit.EditId, edit.Settings.TargetText, edit.Batch!)).OrderBy(edit => edit.EditId.Value));
        Assert.Equal(report.Accepted.Select(line => line.EditId.Value).Order(), (await app.MessagesAsync()).Select(message => message.EditId.Value).Order());
        Assert.Equal([Manifest, $"{Manifest}/report.json"], await app.NamesAsync());
    }

    [Fact]
    public async Task Manifest_AsCsv_StartsItsRows()
    {
        await using var app = await StartAsync();

        await app.DropAsync(
            "Catalogue 2026.CSV",
            "\uFEFFsource,targetText,model,settings\r\ncat.png,\"a \"\"smiling\"\" cat, asleep\",,\r\nheart.png,a broken heart,emoji-64,\"{\"\"seeds\"\":[4]}\"\r\nno.png,a cat,,\r\n");

        var (report, _) = await app.ReportAsync("Catalogue 2026.CSV");
        Assert.Equal([(2, "a \"smiling\" cat, asleep"), (3, "a broken heart")], report.Accepted.Select(line => (line.Line, line.TargetText)));
        Assert.Equal((4, "source-not-found"), Assert.Single(report.Rejected) is var line ? (line.Line, line.Code) : default);
        Assert.Equal([4L], (await app.RecordAsync(report.Accepted[1].EditId.Value)).Settings.Sample.Seeds);
    }

    [Fact]
    public async Task Event_Replayed_ChangesNothing()
    {
        await using var app = await StartAsync();
        await app.DropAsync(Manifest, $"{Line("a smiling cat")}\n{Line("a sleeping cat")}\nbad");
        var before = (await app.ReportAsync(Manifest), await app.BlobsAsync(), (await app.EditsAsync()).Select(edit => edit.Revision).ToArray());

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => app.DeliverAsync(StoragePaths.Batches, Manifest)));

        Assert.Equal(before.Item1.ETag, (await app.ReportAsync(Manifest)).ETag);
        Assert.Equal(before.Item2, await app.BlobsAsync());
        Assert.Equal(before.Item3, (await app.EditsAsync()).Select(edit => edit.Revision));
        Assert.Equal(2, (await app.MessagesAsync()).Length);
    }

    [Fact]
    public async Task Event_ReplayedAfterThePicturesAreGone_ChangesNothing()
    {
        await using var app = await StartAsync();
        await app.DropAsync(Manifest, Line("a smiling cat"));
        var (_, etag) = await app.ReportAsync(Manifest);
        await app.Account.Uploads.DeleteBlobAsync("cat.png", cancellationToken: Token);

        await app.DeliverAsync(StoragePaths.Batches, Manifest);

        Assert.Equal(etag, (await app.ReportAsync(Manifest)).ETag);
        Assert.Single(await app.EditsAsync());
    }

    [Fact]
    public async Task Events_AtTheSameTime_MakeOneReportAndOneEditPerLine()
    {
        await using var app = await StartAsync();
        await app.Account.Batches.TextAsync(Manifest, string.Join('\n', Enumerable.Range(0, 5).Select(i => Line($"a cat with {i} hats"))));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => app.DeliverAsync(StoragePaths.Batches, Manifest)));

        var (report, _) = await app.ReportAsync(Manifest);
        Assert.Equal(report.Accepted.Select(line => line.EditId.Value).Order(), (await app.EditsAsync()).Select(edit => edit.EditId.Value).Order());
    }

    [Fact]
    public async Task Event_AfterOnlySomeEditsWereStarted_StartsTheRestUnderTheSameReport()
    {
        await using var app = await StartAsync();
        await app.DropAsync(Manifest, string.Join('\n', Enumerable.Range(0, 6).Select(i => Line($"a cat with {i} hats"))));
        var (report, etag) = await app.ReportAsync(Manifest);
        // As if the function had ended after its second edit: the others are not there, one of them with its source only.
        foreach (var line in report.Accepted.Skip(2))
        {
            await app.Account.Edits.DeleteBlobAsync(StoragePaths.Record(line.EditId), cancellationToken: Token);
            if (line.Line != 4) await app.Account.Edits.DeleteBlobAsync(StoragePaths.Source(line.EditId), cancellationToken: Token);
        }

        await app.DeliverAsync(StoragePaths.Batches, Manifest);

        Assert.Equal(etag, (await app.ReportAsync(Manifest)).ETag);
        var edits = await app.EditsAsync();
        Assert.Equal(report.Accepted.Select(line => line.EditId.Value).Order(), edits.Select(edit => edit.EditId.Value).Order());
        Assert.All(edits, edit => Assert.Equal(report.Run, edit.Batch?.Run));
    }

    [Fact]
    public async Task Manifest_WhoseEditsWereStartedByHand_CompletesThem()
    {
        await using var app = await StartAsync();
        await app.Account.Batches.TextAsync(Manifest, $"{Line("a smiling cat")}\n{Line("a sleeping cat")}");
        var properties = await app.Account.Batches.GetBlobClient(Manifest).GetPropertiesAsync(cancellationToken: Token);
        var id = EditId.Derive("batch", Manifest, properties.Value.ETag.ToString("G").Trim('"'), "2");
        var starter = EditStarterTests.StarterOver(app.Account);
        await starter.StartAsync(id, await starter.CheckAsync(new() { Source = "cat.png", TargetText = "a sleeping cat" }, Token), "somebody", null, Token);

        await app.DeliverAsync(StoragePaths.Batches, Manifest);

        Assert.Equal(id, (await app.ReportAsync(Manifest)).Report.Accepted[1].EditId);
        Assert.Equal(2, (await app.EditsAsync()).Length);
        Assert.Equal(2, (await app.MessagesAsync()).Length);
    }

    [Fact]
    public async Task Manifest_Overwritten_IsAnotherRunWithEditsForAllItsLines()
    {
        await using var app = await StartAsync();
        await app.DropAsync(Manifest, $"{Line("a smiling cat")}\nbad");
        var (first, _) = await app.ReportAsync(Manifest);

        await app.DropAsync(Manifest, $"{Line("a smiling cat")}\n{Line("a sleeping cat")}");

        var (second, _) = await app.ReportAsync(Manifest);
        Assert.NotEqual(first.Run, second.Run);
        Assert.Empty(second.Rejected);
        Assert.Equal(2, second.Accepted.Length);
        Assert.DoesNotContain(first.Accepted[0].EditId, second.Accepted.Select(line => line.EditId));
        Assert.Equal(3, (await app.EditsAsync()).Length);
    }

    [Fact]
    public async Task Manifest_OverwrittenAfterItsBatchHadEnded_TakesTheOldSummaryAway()
    {
        await using var app = await StartAsync();
        await app.DropAsync(Manifest, "bad");
        Assert.NotNull(await app.SummaryAsync(Manifest));
        await app.Account.Batches.TextAsync($"{Manifest}/contact-sheet.png", "of the older run");

        await app.DropAsync(Manifest, Line("a smiling cat"));

        Assert.Equal([Manifest, $"{Manifest}/report.json"], await app.NamesAsync());
    }

    [Fact]
    public async Task Event_OfABatchThatHasEnded_DoesNothing()
    {
        await using var app = await StartAsync();
        await app.DropAsync(Manifest, Line("a smiling cat"));
        var (report, _) = await app.ReportAsync(Manifest);
        await app.Account.Batches.TextAsync(
            $"{Manifest}/summary.json",
            $$"""{"schema":1,"manifest":"{{Manifest}}","run":"{{report.Run}}","ended":"2026-03-01T12:00:00+00:00","succeeded":1,"failed":0,"cancelled":0,"rejected":0,"edits":[]}""");
        // Edits are deleted some time after their end; their batch must not bring them back.
        foreach (var name in await app.BlobsAsync()) await app.Account.Edits.DeleteBlobAsync(name, cancellationToken: Token);

        await app.DeliverAsync(StoragePaths.Batches, Manifest);

        Assert.Empty(await app.BlobsAsync());
        Assert.Equal(1, (await app.SummaryAsync(Manifest))?.Succeeded);
    }

    [Fact]
    public async Task Manifest_WithoutAGoodLine_EndsAtOnce()
    {
        await using var app = await StartAsync();

        await app.DropAsync(Manifest, $"bad\n\n{Line(" ")}");

        var (report, _) = await app.ReportAsync(Manifest);
        Assert.Equal([(1, "invalid-json"), (3, "invalid-setting")], report.Rejected.Select(line => (line.Line, line.Code)));
        var summary = await app.SummaryAsync(Manifest);
        Assert.Equal((Manifest, report.Run, 2, 0), (summary!.Manifest, summary.Run, summary.Rejected, summary.Edits.Length));
        await app.AssertNothingWrittenAsync();
    }

    public static TheoryData<string, byte[]> Unusable => new()
    {
        { "manifest-empty", [] },
        { "manifest-empty", "\n \r\n\n"u8.ToArray() },
        { "manifest-undecodable", [0xFF, 0xFE, 0, 0xD8] },
        { "manifest-too-large", new byte[4 * 1024 * 1024 + 1] },
        { "manifest-too-long", [.. Enumerable.Repeat("{}\n"u8.ToArray(), 1001).SelectMany(line => line)] },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task Manifest_ThatIsUnusable_GetsAReportWithTheReason(string code, byte[] content)
    {
        await using var app = await StartAsync();
        await app.Account.Batches.GetBlobClient(Manifest).UploadAsync(BinaryData.FromBytes(content), Token);

        await app.DeliverAsync(StoragePaths.Batches, Manifest);

        var (report, _) = await app.ReportAsync(Manifest);
        var rejected = Assert.Single(report.Rejected);
        Assert.Equal((0, code, 0), (rejected.Line, rejected.Code, report.Accepted.Length));
        Assert.Equal(1, (await app.SummaryAsync(Manifest))?.Rejected);
    }

    [Fact]
    public async Task Picture_DeletedBetweenTheCheckAndTheStart_IsMovedToTheRejectedLines()
    {
        await using var app = await StartAsync();
        await app.DropAsync(Manifest, $"{Line("a smiling cat")}\n{Line("a broken heart", "heart.png")}");
        var (report, _) = await app.ReportAsync(Manifest);
        // As if the function had ended after the first edit, and the second picture were deleted before it goes on.
        await app.Account.Edits.DeleteBlobAsync(StoragePaths.Record(report.Accepted[1].EditId), cancellationToken: Token);
        await app.Account.Edits.DeleteBlobAsync(StoragePaths.Source(report.Accepted[1].EditId), cancellationToken: Token);
        await app.Account.Uploads.DeleteBlobAsync("heart.png", cancellationToken: Token);

        await app.DeliverAsync(StoragePaths.Batches, Manifest);

        var (after, _) = await app.ReportAsync(Manifest);
        Assert.Equal((report.Run, 1), (after.Run, Assert.Single(after.Accepted).Line));
        Assert.Equal((2, "source-not-found"), Assert.Single(after.Rejected) is var line ? (line.Line, line.Code) : default);
        // The first may have ended before: a worker has to count again.
        Assert.Equal(2, (await app.MessagesAsync()).Count(message => message.EditId == after.Accepted[0].EditId));
    }

    [Theory]
    [InlineData("catalogue.csv/report.json")]
    [InlineData("catalogue.csv/more.jsonl")]
    [InlineData("notes.txt")]
    [InlineData("catalogue.json")]
    [InlineData("catalogue")]
    [InlineData("catalogue.csv.problem.json")]
    public async Task Blob_ThatIsNoManifest_IsDoneWith(string name)
    {
        await using var app = await StartAsync();

        await app.DropAsync(name, Line("a smiling cat"));

        Assert.Equal([name], await app.NamesAsync());
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Event_OfAManifestThatIsGone_IsDoneWith()
    {
        await using var app = await StartAsync();

        await app.DeliverAsync(StoragePaths.Batches, Manifest);

        Assert.Empty(await app.NamesAsync());
    }

    [Fact]
    public async Task SomebodyElsesFile_InThePlaceOfTheReport_IsOverwritten()
    {
        await using var app = await StartAsync();
        await app.Account.Batches.TextAsync($"{Manifest}/report.json", "hello");

        await app.DropAsync(Manifest, Line("a smiling cat"));

        Assert.Single((await app.ReportAsync(Manifest)).Report.Accepted);
    }

    [Fact]
    public async Task Report_OfANewerVersion_IsToldBesideTheManifestAndLeftAlone()
    {
        await using var app = await StartAsync();
        await app.Account.Batches.TextAsync($"{Manifest}/report.json", """{"schema":99}""");

        await app.DropAsync(Manifest, Line("a smiling cat"));

        Assert.Equal("batch-unreadable", (string?)(await app.Account.Batches.ProblemAsync(Manifest))?["code"]);
        Assert.Contains($"{Manifest}/report.json", await app.NamesAsync());
        await app.AssertNothingWrittenAsync();
    }

    [Fact]
    public async Task Line_ThatNamesAPictureByKey_BecomesAnEdit()
    {
        await using var app = await StartAsync();
        await app.Account.Tickets.UploadBlobAsync("0193/cat.png", BinaryData.FromBytes(Pictures.Cat), Token);

        await app.DropAsync(Manifest, Line("a smiling cat", "tickets/0193/cat.png"));

        Assert.Equal("tickets/0193/cat.png", Assert.Single((await app.ReportAsync(Manifest)).Report.Accepted).Source);
    }

    private static string Line(string text, string source = "cat.png") => $$"""{"source":"{{source}}","targetText":"{{text}}"}""";

    private async Task<FunctionApp> StartAsync()
    {
        var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.UploadAsync("heart.png", Pictures.Heart);
        return app;
    }
}
