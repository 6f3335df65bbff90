using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Web;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits;

public class GetResultTests(AzuriteFixture azurite)
{
    private const string Picture = "pictures/seed1-eta0.80-blend1.00.png";

    private static readonly CacheControlHeaderValue MayBeKept = new() { Private = true, MaxAge = TimeSpan.FromMinutes(5) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_OfAnEditThatSucceeded_GivesEachFileAnAddressForItAlone()
    {
        await using var app = await StartWithResultsAsync();

        var response = await app.GetAsync("edits/cat-1/results");
        var results = (await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.LinkedResults, Cancellation))!;

        Assert.Equal((EditId.Parse("cat-1"), 3), (results.EditId, results.Epoch));
        Assert.Equal([ResultManifest.GridFile, Picture], results.Files.Select(file => file.Name));
        Assert.Equal(MayBeKept, response.Headers.CacheControl);
        foreach (var file in results.Files)
        {
            Assert.Equal((Pictures.Cat.Length, Pictures.Sha256(Pictures.Cat)), (file.Length, file.Sha256));
            await AssertReadsAloneAsync(new(file.Url), "cat-1/results/0003/" + file.Name);
            AssertExpires(results.Expires, new(file.Url));
        }
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("image/png;q=0.5, Application/JSON; charset=utf-8", true)]
    [InlineData("application/json;q=0, */*", false)]
    [InlineData("application/problem+json", false)]
    [InlineData("application/*", false)]
    [InlineData("*/*", false)]
    public async Task Get_AskedForJson_TellsTheAddressInsteadOfGoingThere(string accept, bool isTold)
    {
        await using var app = await StartWithResultsAsync();

        foreach (var (name, blob) in new[] { (Picture, "cat-1/results/0003/" + Picture), ("previews/optimize-0040.png", "cat-1/previews/optimize-0040.png") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"edits/cat-1/results/{name}") { Headers = { { "Accept", accept } } };
            var response = await app.Client.SendAsync(request, Cancellation);

            Assert.Equal(isTold ? HttpStatusCode.OK : HttpStatusCode.Found, response.StatusCode);
            Assert.Equal((MayBeKept, "Accept"), (response.Headers.CacheControl, response.Headers.Vary.ToString()));
            if (!isTold) continue;
            Assert.Null(response.Headers.Location);
            var link = (await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.FileLink, Cancellation))!;
            await AssertReadsAloneAsync(new(link.Url), blob);
            AssertExpires(link.Expires, new(link.Url));
        }
    }

    [Theory]
    [InlineData(Picture, "cat-1/results/0003/" + Picture)]
    [InlineData("grid.png", "cat-1/results/0003/grid.png")]
    [InlineData("pictures%2Fseed1-eta0.80-blend1.00.png", "cat-1/results/0003/" + Picture)]
    [InlineData("previews/optimize-0040.png", "cat-1/previews/optimize-0040.png")]
    [InlineData("previews/finetune-sr-00002.png", "cat-1/previews/finetune-sr-00002.png")]
    public async Task Get_OfAFile_RedirectsToAKeyForItAlone(string name, string blob)
    {
        await using var app = await StartWithResultsAsync();

        var response = await app.GetAsync($"edits/cat-1/results/{name}");

        Assert.True(response.StatusCode == HttpStatusCode.Found, await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal((MayBeKept, "Accept"), (response.Headers.CacheControl, response.Headers.Vary.ToString()));
        await AssertReadsAloneAsync(response.Headers.Location!, blob);
    }

    [Theory]
    [InlineData("hidden.png")]
    [InlineData("pictures%252Fseed1-eta0.80-blend1.00.png")]
    [InlineData("manifest.json")]
    [InlineData("previews/optimize-0041.png")]
    [InlineData("previews/hidden.bin")]
    [InlineData("previews/optimize-1.png%0A")]
    [InlineData("..%2f..%2fedit.json")]
    [InlineData("previews%2f..%2fsource")]
    [InlineData("%2fgrid.png")]
    public async Task Get_OfWhatIsNoResult_IsNotFound(string name)
    {
        await using var app = await StartWithResultsAsync();

        await FunctionApp.AssertProblemAsync(await app.GetAsync($"edits/cat-1/results/{name}"), 404, "result-not-found");
    }

    [Theory]
    [InlineData(EditState.Running, "has no results yet")]
    [InlineData(EditState.Failed, "ended without results")]
    public async Task List_OfAnEditWithoutResults_SaysWhy(EditState state, string detail)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with { State = state });

        var problem = await FunctionApp.AssertProblemAsync(await app.GetAsync("edits/cat-1/results"), 404, "no-results");

        Assert.Contains(detail, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OfResultsThatWereDeleted_SaysSo()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with { State = EditState.Succeeded, Results = "results/0001" });

        await FunctionApp.AssertProblemAsync(await app.GetAsync("edits/cat-1/results"), 404, "results-deleted");
    }

    private static async Task AssertReadsAloneAsync(Uri address, string blob)
    {
        using var anybody = new HttpClient();
        Assert.Equal(Pictures.Cat, await anybody.GetByteArrayAsync(address, Cancellation));
        Assert.EndsWith("/edits/" + blob, Uri.UnescapeDataString(address.AbsolutePath), StringComparison.Ordinal);
        var key = HttpUtility.ParseQueryString(address.Query);
        Assert.Equal(("r", "b"), (key["sp"], key["sr"]));
        var left = DateTimeOffset.Parse(key["se"]!) - TimeProvider.System.GetUtcNow();
        Assert.InRange(left, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        var other = new UriBuilder(address) { Path = $"{address.AbsolutePath[..address.AbsolutePath.LastIndexOf("/cat-1/", StringComparison.Ordinal)]}/cat-1/edit.json" }.Uri;
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.GetAsync(other, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.DeleteAsync(address, Cancellation)).StatusCode);
    }

    // An address says whole seconds.
    private static void AssertExpires(DateTimeOffset expires, Uri address) => Assert.InRange(
        expires - DateTimeOffset.Parse(HttpUtility.ParseQueryString(address.Query)["se"]!), TimeSpan.Zero, TimeSpan.FromSeconds(1));

    private async Task<FunctionApp> StartWithResultsAsync()
    {
        var app = await FunctionApp.StartAsync(azurite);
        var results = StoragePaths.ResultsFolder(3);
        var manifest = new ResultManifest
        {
            EditId = EditId.Parse("cat-1"),
            Epoch = 3,
            PicturesSha256 = new('0', 64),
            Files = [.. new[] { ResultManifest.GridFile, Picture }.Select(name => new ResultFile(name, Pictures.Cat.Length, Pictures.Sha256(Pictures.Cat)))],
            Suggested = [Picture],
            Drafts = [],
        };
        foreach (var name in new[] { $"{results}/{ResultManifest.GridFile}", $"{results}/{Picture}", $"{results}/hidden.png", "previews/optimize-0040.png", "previews/finetune-sr-00002.png", "previews/hidden.bin" })
            await app.Account.Edits.GetBlobClient($"cat-1/{name}").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Cancellation);
        await app.Account.Edits.GetBlobClient($"cat-1/{results}/{ResultManifest.FileName}").UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJsonContext.Default.ResultManifest)), Cancellation);
        await app.CreateRecordAsync("cat-1", record => record with { State = EditState.Succeeded, Results = results });
        return app;
    }
}
