using System.Collections.Immutable;
using System.Net;
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

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_OfAnEditThatSucceeded_GivesTheManifest()
    {
        await using var app = await StartWithResultsAsync();

        var manifest = await app.Client.GetFromJsonAsync("edits/cat-1/results", ContractsJsonContext.Default.ResultManifest, Cancellation);

        Assert.Equal([ResultManifest.GridFile, Picture], manifest!.Files.Select(file => file.Name));
    }

    [Theory]
    [InlineData(Picture, "cat-1/results/0003/" + Picture)]
    [InlineData("grid.png", "cat-1/results/0003/grid.png")]
    [InlineData("pictures%2Fseed1-eta0.80-blend1.00.png", "cat-1/results/0003/" + Picture)]
    [InlineData("previews/optimize-0040.png", "cat-1/previews/optimize-0040.png")]
    public async Task Get_OfAFile_RedirectsToAKeyForItAlone(string name, string blob)
    {
        await using var app = await StartWithResultsAsync();

        var response = await app.GetAsync($"edits/cat-1/results/{name}");

        Assert.True(response.StatusCode == HttpStatusCode.Found, await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(new() { Private = true, MaxAge = TimeSpan.FromMinutes(5) }, response.Headers.CacheControl);
        var address = response.Headers.Location!;
        using var anybody = new HttpClient();
        Assert.Equal(Pictures.Cat, await anybody.GetByteArrayAsync(address, Cancellation));
        Assert.EndsWith("/edits/" + blob, Uri.UnescapeDataString(address.AbsolutePath), StringComparison.Ordinal);
        var key = HttpUtility.ParseQueryString(address.Query);
        Assert.Equal(("r", "b"), (key["sp"], key["sr"]));
        var left = DateTimeOffset.Parse(key["se"]!) - TimeProvider.System.GetUtcNow();
        Assert.InRange(left, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        var other = new UriBuilder(address) { Path = address.AbsolutePath.Replace(Uri.UnescapeDataString(name), "../edit.json", StringComparison.Ordinal) }.Uri;
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.GetAsync(other, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.DeleteAsync(address, Cancellation)).StatusCode);
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
        };
        foreach (var name in new[] { $"{results}/{ResultManifest.GridFile}", $"{results}/{Picture}", $"{results}/hidden.png", "previews/optimize-0040.png", "previews/hidden.bin" })
            await app.Account.Edits.GetBlobClient($"cat-1/{name}").UploadAsync(BinaryData.FromBytes(Pictures.Cat), Cancellation);
        await app.Account.Edits.GetBlobClient($"cat-1/{results}/{ResultManifest.FileName}").UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJsonContext.Default.ResultManifest)), Cancellation);
        await app.CreateRecordAsync("cat-1", record => record with { State = EditState.Succeeded, Results = results });
        return app;
    }
}
