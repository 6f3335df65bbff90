using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using Imagic.Contracts;
using Imagic.Contracts.Edits;
using Imagic.Tests;

namespace Imagic.Functions.Tests.Edits.Waiting;

public class GetEditEventsTests(AzuriteFixture azurite)
{
    private const string Path = "edits/cat-1/events";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_OfAnEditUnderWay_TellsEachStateAsItComesUntilTheEnd()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with { Sequence = 3 });
        using var response = await OpenAsync(app);
        Assert.Equal(("text/event-stream", "no-cache"), (response.Content.Headers.ContentType?.ToString(), response.Headers.CacheControl?.ToString()));
        Assert.Equal(["no"], response.Headers.GetValues("X-Accel-Buffering"));
        await using var events = await EventsAsync(response);

        // Each is read before the next is written: nothing on the way keeps them back.
        Assert.Equal((3L, EditState.Queued), await NextAsync(events));
        await app.ChangeAsync("cat-1", record => record with { State = EditState.Running });
        Assert.Equal((4L, EditState.Running), await NextAsync(events));
        await app.ChangeAsync("cat-1", record => record with { State = EditState.Succeeded });
        Assert.Equal((5L, EditState.Succeeded), await NextAsync(events));
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task Get_ByWhoWasCutOff_TellsWhatHasComeSince()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1", record => record with { Sequence = 3 });
        using (var behind = await OpenAsync(app, lastEventId: "2"))
        {
            await using var events = await EventsAsync(behind);
            Assert.Equal((3L, EditState.Queued), await NextAsync(events));
        }

        using var response = await OpenAsync(app, lastEventId: "3");
        await using var news = await EventsAsync(response);
        await app.ChangeAsync("cat-1", record => record with { State = EditState.Failed });
        Assert.Equal((4L, EditState.Failed), await NextAsync(news));

        using var over = await OpenAsync(app, lastEventId: "4");
        Assert.Equal(HttpStatusCode.NoContent, over.StatusCode);
    }

    [Fact]
    public async Task Get_OfAnEditThatIsDeleted_EndsWithWhy()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1");
        using var response = await OpenAsync(app);
        await using var events = await EventsAsync(response);
        await NextAsync(events);

        await app.Account.Edits.DeleteBlobAsync(StoragePaths.Record(EditId.Parse("cat-1")), cancellationToken: Cancellation);

        Assert.True(await events.MoveNextAsync());
        Assert.Equal("gone", events.Current.EventType);
        Assert.Equal("edit-not-found", (string?)JsonNode.Parse(events.Current.Data)!["code"]);
        Assert.False(await events.MoveNextAsync());
        await FunctionApp.AssertProblemAsync(await OpenAsync(app), 404, "edit-not-found");
    }

    [Fact]
    public async Task Get_OfOneTooMany_IsRefusedUntilAnotherHasGone()
    {
        await using var app = await FunctionApp.StartAsync(azurite, "ImagicMaxWaits=1");
        await app.CreateRecordAsync("cat-1");
        var first = await OpenAsync(app);
        await using (var events = await EventsAsync(first)) await NextAsync(events);

        // No stream: the answer is at once and the usual one.
        using var waiting = new HttpRequestMessage(HttpMethod.Get, "edits/cat-1") { Headers = { { "Prefer", "wait=60" } } };
        using var answer = await app.Client.SendAsync(waiting, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Preference-Applied"));
        Assert.NotNull(answer.Headers.RetryAfter);
        using var refused = await OpenAsync(app);
        await FunctionApp.AssertProblemAsync(refused, 503, "too-many-waits");
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Null(refused.Headers.CacheControl);

        first.Dispose();

        HttpResponseMessage second;
        while ((second = await OpenAsync(app)).StatusCode != HttpStatusCode.OK) second.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task Head_TellsTheTypeAndWaitsForNothing()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        await app.CreateRecordAsync("cat-1");

        using var head = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path), Cancellation);

        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (head.StatusCode, head.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData("edits/cat-9/events", 404, "edit-not-found")]
    [InlineData("edits/Cat/events", 400, "invalid-edit-id")]
    public async Task Get_OfNoEdit_IsAProblem(string path, int status, string code)
    {
        await using var app = await FunctionApp.StartAsync(azurite);

        await FunctionApp.AssertProblemAsync(await app.GetAsync(path), status, code);
    }

    private static async Task<HttpResponseMessage> OpenAsync(FunctionApp app, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        return await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private static async Task<IAsyncEnumerator<SseItem<string>>> EventsAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return SseParser.Create(await response.Content.ReadAsStreamAsync(Cancellation)).EnumerateAsync(Cancellation).GetAsyncEnumerator(Cancellation);
    }

    private static async Task<(long Sequence, EditState State)> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        Assert.True(await events.MoveNextAsync());
        var view = JsonSerializer.Deserialize(events.Current.Data, ContractsJsonContext.Default.EditView)!;
        Assert.Equal(("edit", $"{view.Sequence}"), (events.Current.EventType, events.Current.EventId));
        return (view.Sequence, view.State);
    }
}
