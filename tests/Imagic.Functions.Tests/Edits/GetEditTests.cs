using System.Net;
using System.Net.Http.Headers;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits;

public class GetEditTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_OfARunningEdit_TellsHowFarItIs()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with
        {
            State = EditState.Running,
            Stage = EditStage.FineTune,
            Sequence = 12,
            Claim = new("worker", "message", record.Created),
            Progress = new(EditStage.FineTune, 30, 100) { Loss = 0.25f },
            Stages = [new(EditStage.Optimize) { Done = true, Resumes = 2 }, new(EditStage.FineTune) { Resumes = 1 }],
        });

        var response = await app.GetAsync("edits/cat-1");

        var view = await FunctionApp.ViewAsync(response);
        Assert.Equal((EditState.Running, EditStage.FineTune, 12L, 3), (view.State, view.Stage, view.Sequence, view.Resumes));
        Assert.Equal(new(EditStage.FineTune, 30, 100) { Loss = 0.25f }, view.Progress);
        Assert.Equal(TimeSpan.FromSeconds(2), response.Headers.RetryAfter?.Delta);
        Assert.DoesNotContain("claim", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("health")]
    [InlineData("openapi.json")]
    [InlineData("edits")]
    [InlineData("edits/cat-1")]
    public async Task Head_WhereGetIs_AnswersTheSameWithoutABody(string path)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record);
        using var get = await app.GetAsync(path);

        using var head = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Cancellation);

        Assert.Equal((get.StatusCode, get.Headers.ETag, get.Content.Headers.ContentType), (head.StatusCode, head.Headers.ETag, head.Content.Headers.ContentType));
        Assert.Equal("", await head.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Get_OfAnEditThatHasEnded_SaysNotToComeBack()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with { State = EditState.Failed, Error = new("diverged", "The loss grew.") });

        var response = await app.GetAsync("edits/cat-1");

        Assert.Equal(new("diverged", "The loss grew."), (await FunctionApp.ViewAsync(response)).Error);
        Assert.Null(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Get_WithTheETagThatIsKnown_AnswersNotModifiedUntilItChanges()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1");
        var etag = (await app.GetAsync("edits/cat-1")).Headers.ETag!;

        var same = await GetAsync(app, etag.ToString());

        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(etag, same.Headers.ETag);
        Assert.Equal(TimeSpan.FromSeconds(2), same.Headers.RetryAfter?.Delta);
        Assert.Empty(await same.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(app, $"\"other\", W/{etag}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(app, "*")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "\"other\"")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(app, "nonsense")).StatusCode);

        await app.Client.PostAsync("edits/cat-1/cancel", null, Cancellation);

        var changed = await GetAsync(app, etag.ToString());
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.NotEqual(etag, changed.Headers.ETag);
    }

    [Theory]
    [InlineData("edits/cat-1", "edit-not-found", 404)]
    [InlineData("edits/cat-1/results", "edit-not-found", 404)]
    [InlineData("edits/cat-1/results/grid.png", "edit-not-found", 404)]
    [InlineData("edits/Cat", "invalid-edit-id", 400)]
    [InlineData("edits/Cat/results", "invalid-edit-id", 400)]
    [InlineData("edits/Cat/results/previews/optimize-1.png", "invalid-edit-id", 400)]
    public async Task Get_OfNoEdit_IsAProblem(string path, string code, int status)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await FunctionApp.AssertProblemAsync(await app.GetAsync(path), status, code);
    }

    private static async Task<HttpResponseMessage> GetAsync(FunctionApp app, string ifNoneMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "edits/cat-1");
        request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await app.Client.SendAsync(request, Cancellation);
    }
}
