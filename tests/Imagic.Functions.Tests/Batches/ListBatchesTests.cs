using System.Net.Http.Json;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Storage.Batches;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Batches;

public class ListBatchesTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 500, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_OfWhatWasDropped_TellsWhatBecameOfItsLines()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.DropAsync("pets.jsonl", """
            {"source":"cat.png","targetText":"a smiling cat"}
            {"source":"cat.png","targetText":"a sad cat"}
            {"source":"nobody.png","targetText":"a dog"}
            """);
        var (report, _) = await app.ReportAsync("pets.jsonl");

        var running = Assert.Single((await GetAsync(app, "batches")).Batches);
        await new BatchStore(app.Account).WriteSummaryAsync("pets.jsonl", SummaryOf(report.Run), Token);
        var ended = Assert.Single((await GetAsync(app, "batches")).Batches);

        Assert.Equal(new("pets.jsonl", report.Created, 3, 2, 1, false), running);
        Assert.Equal(running with { Ended = true }, ended);
    }

    [Fact]
    public async Task Get_PageByPage_GivesEveryBatchOnceByName()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        foreach (var i in new[] { 3, 0, 4, 1, 2 }) await WriteAsync(app, $"питомцы & {i}.csv");

        var found = new List<string>();
        for (var continuation = ""; continuation is not null;)
        {
            var page = await GetAsync(app, $"batches?limit=2{continuation}");
            Assert.InRange(page.Batches.Length, 0, 2);
            found.AddRange(page.Batches.Select(batch => batch.Name));
            continuation = page.Continuation is { } next ? $"&continuation={Uri.EscapeDataString(next)}" : null;
        }

        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"питомцы & {i}.csv"), found);
    }

    [Fact]
    public async Task Get_LeavesOutWhatIsNoBatch()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await WriteAsync(app, "pets.csv");
        await app.Account.Batches.TextAsync("not-read-yet.csv", "source,targetText");
        await app.Account.Batches.TextAsync("others.csv/report.json", "{}");
        await app.Account.Batches.TextAsync("deleted.csv/contact-sheet.png", "");
        await app.Account.Batches.TextAsync("notes/report.json", "{}");

        Assert.Equal("pets.csv", Assert.Single((await GetAsync(app, "batches")).Batches).Name);
    }

    [Fact]
    public async Task Get_WithASummaryOfAnOlderRun_SaysThatItHasNotEnded()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await WriteAsync(app, "pets.csv");
        await new BatchStore(app.Account).WriteSummaryAsync("pets.csv", SummaryOf("older"), Token);

        Assert.False(Assert.Single((await GetAsync(app, "batches")).Batches).Ended);
    }

    [Theory]
    [InlineData("limit=0", "invalid-limit")]
    [InlineData("limit=101", "invalid-limit")]
    [InlineData("continuation=a%20b", "invalid-continuation")]
    public async Task Get_WithAWrongQuestion_NamesIt(string query, string code)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await FunctionApp.AssertProblemAsync(await app.GetAsync($"batches?{query}"), 400, code);
    }

    private static async Task WriteAsync(FunctionApp app, string name)
    {
        await app.Account.Batches.TextAsync(name, "source,targetText");
        Assert.True(await new BatchStore(app.Account).TryWriteReportAsync(
            name, new() { Manifest = name, Run = "newer", Created = Noon, Accepted = [], Rejected = [] }, null, Token));
    }

    private static BatchSummary SummaryOf(string run) => new()
    {
        Manifest = "pets.csv", Run = run, Ended = Noon, Succeeded = 0, Failed = 0, Cancelled = 0, Rejected = 0, Edits = [],
    };

    private static async Task<BatchList> GetAsync(FunctionApp app, string path)
    {
        var response = await app.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
        return (await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.BatchList, Token))!;
    }
}
