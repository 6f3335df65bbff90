using System.Diagnostics;
using System.Net;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;
using Imagic.Storage;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits.Waiting;

public class EditWaitTests(AzuriteFixture azurite)
{
    private const string Dog = """{"source":"cat.png","targetText":"a dog"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_WithTheETagThatIsKnown_AnswersWhenTheEditChanges()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1");
        var etag = (await app.GetAsync("edits/cat-1")).Headers.ETag!.ToString();
        var waiting = GetAsync(app, "wait=60", etag);

        await app.ChangeAsync("cat-1", record => record with { Stage = EditStage.Sample });

        using var response = await waiting;
        Assert.Equal(EditStage.Sample, (await FunctionApp.ViewAsync(response)).Stage);
        Assert.Equal("wait=60", Applied(response));
        Assert.NotEqual(etag, response.Headers.ETag!.ToString());
    }

    [Fact]
    public async Task Get_WithoutAnETag_AnswersWhenTheEditChangesAfterTheFirstLook()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1");
        var waiting = GetAsync(app, "wait=3600", null);

        // It may have looked before or after any of them.
        while (await Task.WhenAny(waiting, Task.Delay(100, Cancellation)) != waiting)
            await app.ChangeAsync("cat-1", record => record with { Attempts = record.Attempts + 1 });

        using var response = await waiting;
        Assert.InRange((await FunctionApp.ViewAsync(response)).Sequence, 1, long.MaxValue);
        Assert.Equal("wait=60", Applied(response));
    }

    [Fact]
    public async Task Get_OfAnEditThatDoesNotChange_AnswersAfterTheTimeWithWhatItIs()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1");
        var etag = (await app.GetAsync("edits/cat-1")).Headers.ETag!.ToString();
        var began = Stopwatch.GetTimestamp();

        using var known = await GetAsync(app, "wait=1", etag);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0.9, 59);
        Assert.Equal((HttpStatusCode.NotModified, "wait=1"), (known.StatusCode, Applied(known)));
        Assert.NotNull(known.Headers.RetryAfter);
        using var unknown = await GetAsync(app, "wait=1", null);
        Assert.Equal((HttpStatusCode.OK, "wait=1"), (unknown.StatusCode, Applied(unknown)));
    }

    [Theory]
    [InlineData(false, "\"other\"")] // there is something to tell already
    [InlineData(true, null)] // nothing will come
    public async Task Get_WithNothingToWaitFor_AnswersAtOnce(bool hasEnded, string? etag)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with { State = hasEnded ? EditState.Cancelled : EditState.Queued });
        var began = Stopwatch.GetTimestamp();

        using var response = await GetAsync(app, "wait=60", etag);

        Assert.Equal((HttpStatusCode.OK, "wait=60"), (response.StatusCode, Applied(response)));
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 50);
    }

    [Theory]
    [InlineData("wait=soon")]
    [InlineData("respond-async")]
    public async Task Get_WithAnotherPreference_AnswersAsEver(string prefer)
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1");

        using var response = await GetAsync(app, prefer, null);

        Assert.Equal((HttpStatusCode.OK, null), (response.StatusCode, Applied(response)));
    }

    [Fact]
    public async Task Get_OfAnEditThatIsDeletedMeanwhile_SaysThatThereIsNone()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1");
        var waiting = GetAsync(app, "wait=60", "*");

        await app.Account.Edits.DeleteBlobAsync(StoragePaths.Record(EditId.Parse("cat-1")), cancellationToken: Cancellation);

        using var response = await waiting;
        await FunctionApp.AssertProblemAsync(response, 404, "edit-not-found");
    }

    [Fact]
    public async Task Get_ThatIsAborted_LeavesItsPlace()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxWaits=1");
        await app.CreateRecordAsync("cat-1");
        using var aborted = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = await HoldAsync(app, aborted.Token);
        Assert.False(first.IsCompleted);
        await aborted.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        while (Applied(await GetAsync(app, "wait=1", "*")) is null)
        {
            // The server has not heard of it yet.
        }
    }

    [Fact]
    public async Task Put_ThatWaits_AnswersWhenTheEditHasEnded()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        app.Client.DefaultRequestHeaders.Add("Prefer", "wait=60");
        var waiting = app.PutAsync("cat-1", Dog);
        Stored<EditRecord>? first;
        while ((first = await app.Records.ReadAsync(EditId.Parse("cat-1"), Cancellation)) is null) await Task.Yield();
        var other = GetAsync(app, "wait=60", first.ETag.ToString("H"));
        await app.ChangeAsync("cat-1", record => record with { State = EditState.Running });
        using var change = await other; // no end: the start goes on waiting
        await app.ChangeAsync("cat-1", record => record with { State = EditState.Succeeded });

        using var response = await waiting;

        Assert.Equal((HttpStatusCode.OK, "wait=60"), (response.StatusCode, Applied(response)));
        Assert.Equal("/api/edits/cat-1", response.Headers.Location?.OriginalString);
        Assert.Equal(EditState.Succeeded, (await FunctionApp.ViewAsync(response)).State);
        Assert.Equal(HttpStatusCode.OK, (await app.PutAsync("cat-1", Dog)).StatusCode);
    }

    [Fact]
    public async Task Post_WhoseTimeIsOver_IsAccepted()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.UploadAsync("cat.png", Pictures.Cat);
        app.Client.DefaultRequestHeaders.Add("Prefer", "wait=1");

        using var response = await app.Client.PostAsync("edits", FunctionApp.JsonBody(Dog), Cancellation);

        Assert.Equal((HttpStatusCode.Accepted, "wait=1"), (response.StatusCode, Applied(response)));
    }

    [Fact]
    public async Task Instance_ThatEnds_AnswersThoseWhoWait()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxWaits=1");
        await app.CreateRecordAsync("cat-1");
        var waiting = await HoldAsync(app, Cancellation);

        Assert.Equal(0, await app.StopAsync());

        using var response = await waiting;
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
    }

    // A call that has the one place that there is.
    private static async Task<Task<HttpResponseMessage>> HoldAsync(FunctionApp app, CancellationToken cancellationToken)
    {
        var holding = GetAsync(app, "wait=60", "*", cancellationToken);
        while (Applied(await GetAsync(app, "wait=1", "*")) is not null)
        {
            if (holding.IsCompleted) holding = GetAsync(app, "wait=60", "*", cancellationToken); // the other one was there first
        }

        return holding;
    }

    private static async Task<HttpResponseMessage> GetAsync(FunctionApp app, string prefer, string? ifNoneMatch, CancellationToken? cancellationToken = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "edits/cat-1") { Headers = { { "Prefer", prefer } } };
        if (ifNoneMatch is not null) request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        return await app.Client.SendAsync(request, cancellationToken ?? Cancellation);
    }

    private static string? Applied(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Preference-Applied", out var values) ? Assert.Single(values) : null;
}
