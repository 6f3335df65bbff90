using System.Net;
using System.Net.Http.Json;
using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Functions.Tests.StorageEvents;
using Imagic.Storage.Batches;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Batches;

public class GetBatchTests(AzuriteFixture azurite)
{
    private const string Line = """{"source":"cat.png","targetText":"a smiling cat"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_OfABatchWhoseManifestNobodyHasRead_IsNotFound()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.Account.Batches.TextAsync("pets.jsonl", Line);

        await FunctionApp.AssertProblemAsync(await app.GetAsync("batches/pets.jsonl"), 404, "batch-not-found");
        await FunctionApp.AssertProblemAsync(await app.GetAsync("batches/pets.jsonl/contact-sheet"), 404, "no-contact-sheet");
    }

    [Fact]
    public async Task Get_OfABatch_GivesItsReportAndInTheEndItsSummary()
    {
        await using var app = await StartAsync();

        var (running, first) = await GetAsync(app);
        await new BatchStore(app.Account).WriteSummaryAsync("my pets.jsonl", SummaryOf(running.Report, running.Report.Run), Token);
        var (ended, second) = await GetAsync(app);

        Assert.Equal(["a smiling cat"], running.Report.Accepted.Select(line => line.TargetText));
        Assert.Equal([2], running.Report.Rejected.Select(line => line.Line));
        Assert.Null(running.Summary);
        Assert.Equal(TimeSpan.FromSeconds(2), first.Headers.RetryAfter?.Delta);
        Assert.Equal((1, running.Report.Run), (ended.Summary?.Succeeded, ended.Report.Run));
        Assert.Null(second.Headers.RetryAfter);
        Assert.NotEqual(first.Headers.ETag, second.Headers.ETag);
    }

    [Fact]
    public async Task Get_WithTheETagOfWhatIsThere_HasNoBody()
    {
        await using var app = await StartAsync();
        var (view, first) = await GetAsync(app);

        var same = await GetIfChangedAsync(app, first);
        await new BatchStore(app.Account).WriteSummaryAsync("my pets.jsonl", SummaryOf(view.Report, view.Report.Run), Token);
        var changed = await GetIfChangedAsync(app, first);

        Assert.Equal((HttpStatusCode.NotModified, ""), (same.StatusCode, await same.Content.ReadAsStringAsync(Token)));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task Get_WithASummaryOfAnOlderRun_LeavesItOut()
    {
        await using var app = await StartAsync();
        var (view, _) = await GetAsync(app);
        await new BatchStore(app.Account).WriteSummaryAsync("my pets.jsonl", SummaryOf(view.Report, "older"), Token);

        Assert.Null((await GetAsync(app)).View.Summary);
    }

    [Fact]
    public async Task GetContactSheet_OfABatchThatHasEnded_RedirectsToItOrTellsWhereItIs()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await new BatchStore(app.Account).WriteContactSheetAsync("my pets.jsonl", Pictures.Cat, Token);

        var response = await app.GetAsync("batches/my%20pets.jsonl/contact-sheet");

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        using var anybody = new HttpClient();
        Assert.Equal(Pictures.Cat, await anybody.GetByteArrayAsync(response.Headers.Location, Token));
        app.Client.DefaultRequestHeaders.Accept.Add(new("application/json"));
        var link = await app.Client.GetFromJsonAsync("batches/my%20pets.jsonl/contact-sheet", ContractsJsonContext.Default.FileLink, Token);
        Assert.Equal(Pictures.Cat, await anybody.GetByteArrayAsync(link!.Url, Token));
    }

    private static BatchSummary SummaryOf(BatchReport report, string run) => new()
    {
        Manifest = report.Manifest,
        Run = run,
        Ended = DateTimeOffset.UnixEpoch,
        Succeeded = 1,
        Failed = 0,
        Cancelled = 0,
        Rejected = 1,
        Edits = [],
    };

    private static async Task<(BatchView View, HttpResponseMessage Response)> GetAsync(FunctionApp app)
    {
        var response = await app.GetAsync("batches/my%20pets.jsonl");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
        return ((await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.BatchView, Token))!, response);
    }

    private static Task<HttpResponseMessage> GetIfChangedAsync(FunctionApp app, HttpResponseMessage known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "batches/my%20pets.jsonl");
        request.Headers.IfNoneMatch.Add(known.Headers.ETag!);
        return app.Client.SendAsync(request, Token);
    }

    private async Task<FunctionApp> StartAsync()
    {
        var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        await app.DropAsync("my pets.jsonl", $"{Line}\nbad");
        return app;
    }
}
