using System.Net;
using Imagic.Functions.Tests;
using Imagic.TestKit;
using Imagic.Tests;
using Microsoft.AspNetCore.Http;
using static Imagic.Client.Tests.Answers;
using static Imagic.TestKit.ScriptedServer;

namespace Imagic.Client.Tests;

public class ImagicClientWatchingTests(AzuriteFixture azurite)
{
    private static readonly EditId Id = EditId.Parse("some-edit");

    private readonly List<string> _calls = [];
    private readonly JumpingTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_OfTheServiceItself_TellsEachLookUntilTheEnd()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        await app.CreateRecordAsync("some-edit");
        var states = new List<EditState>();
        var sequences = new List<long>();

        await foreach (var view in client.WatchAsync(Id, Token))
        {
            states.Add(view.State);
            sequences.Add(view.Sequence);
            if (view.State == EditState.Queued) await app.Records.UpdateAsync(Id, record => record with { State = EditState.Running }, Token);
            else if (view.State == EditState.Running) await app.Records.UpdateAsync(Id, record => record with { State = EditState.Succeeded }, Token);
        }

        Assert.Equal([EditState.Queued, EditState.Running, EditState.Succeeded], states);
        Assert.Equal(sequences.Distinct().Order(), sequences);
    }

    [Fact]
    public async Task Wait_ForAnEditThatHasEnded_LooksOnce()
    {
        await using var server = await StartAsync(Seen(_calls, View(4, EditState.Failed)));
        using var client = ClientOf(server);

        Assert.Equal(EditState.Failed, (await client.WaitAsync(Id, Token)).State);

        Assert.Equal(["GET /api/edits/some-edit"], _calls);
    }

    [Fact]
    public async Task Watch_WithEvents_TellsThemAndGoesOnWhereTheyBreakOff()
    {
        var lastIds = new List<string>();
        Action<HttpContext> note = context => lastIds.Add(context.Request.Headers["Last-Event-ID"].ToString());
        await using var server = await StartAsync(
            View(1, EditState.Queued),
            note + Events(": beat\n\n", Event(1, EditState.Queued), Event(2, EditState.Running), "event: other\ndata: {}\n\n", "id: 3\nevent: edit\ndata: {\"editId\""),
            View(4, EditState.Running),
            note + Events(Event(5, EditState.Running), Event(6, EditState.Succeeded)));
        using var client = ClientOf(server);

        Assert.Equal("1, 2, 4, 5, 6", await SequencesAsync(client));

        Assert.Equal(["1", "4"], lastIds);
    }

    [Fact]
    public async Task Watch_WhoseEventsCannotBeReached_AsksForThemAgain()
    {
        await using var server = await StartAsync(
            View(1, EditState.Queued), Break, Break, View(2, EditState.Running), Events(Event(3, EditState.Succeeded)));
        using var client = ClientOf(server);

        Assert.Equal("1, 2, 3", await SequencesAsync(client));
    }

    [Fact]
    public async Task Watch_WhoseEventsEndForGood_AsksForNewsOnly()
    {
        var known = new List<string>();
        Action<HttpContext> note = context => known.Add(context.Request.Headers.IfNoneMatch.ToString());
        await using var server = await StartAsync(
            View(1, EditState.Queued), Events(Event(2, EditState.Running)), note + View(2, EditState.Running),
            Answer(503), note + View(3, EditState.Succeeded));
        using var client = ClientOf(server);

        Assert.Equal("1, 2, 3", await SequencesAsync(client));

        Assert.Equal(["", "\"2\""], known);
    }

    [Fact]
    public async Task Watch_WithEventsThatAreNone_AsksInTheUsualWay()
    {
        await using var server = await StartAsync(
            View(1, EditState.Queued),
            Events("event: edit\ndata: no JSON\n\n"), Answer(304),
            Events("data: no edit\n\n"), View(2, EditState.Succeeded));
        using var client = ClientOf(server);

        Assert.Equal("1, 2", await SequencesAsync(client));

        Assert.Contains(TimeSpan.FromSeconds(2), _time.Waits);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(200)]
    public async Task Watch_WithoutEvents_WaitsAsTheServiceSays(int status)
    {
        var preferences = new List<string>();
        Action<HttpContext> note = context => preferences.Add($"{context.Request.Headers["Prefer"]} {context.Request.Headers.IfNoneMatch}");
        await using var server = await StartAsync(
            note + View(1, EditState.Queued),
            With(Answer(status), "Retry-After", "1"),
            note + With(Answer(304), "Retry-After", "20"),
            note + With(Answer(304), "Preference-Applied", "wait=40"),
            note + With(View(2, EditState.Running), "Preference-Applied", "wait=40"),
            note + View(3, EditState.Succeeded));
        using var client = ClientOf(server);

        Assert.Equal("1, 2, 3", await SequencesAsync(client));

        // Only after the answer that did not wait itself.
        Assert.Equal([TimeSpan.FromSeconds(20)], _time.Waits);
        Assert.Equal(" ", preferences[0]);
        Assert.Equal(["wait=50 \"1\"", "wait=40 \"1\"", "wait=40 \"1\"", "wait=50 \"2\""], preferences[1..]);
    }

    [Fact]
    public async Task Watch_OfAnEditThatIsGone_SaysSo()
    {
        await using var server = await StartAsync(View(1, EditState.Queued), Problem(404, """{"code":"edit-not-found"}"""));
        using var client = ClientOf(server);

        Assert.Equal("edit-not-found", (await Assert.ThrowsAsync<ImagicApiException>(() => SequencesAsync(client))).Code);
    }

    [Fact]
    public async Task Watch_WithAKeyThatIsTakenBack_SaysSo()
    {
        await using var server = await StartAsync(View(1, EditState.Queued), Answer(401));
        using var client = ClientOf(server);

        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<ImagicApiException>(() => SequencesAsync(client))).Status);
    }

    [Fact]
    public async Task Watch_GivenUpBetweenEvents_EndsAtOnce()
    {
        await using var app = await FunctionApp.StartAsync(azurite);
        using var client = app.NewClient();
        await app.CreateRecordAsync("some-edit");
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var watching = client.WatchAsync(Id, caller.Token).GetAsyncEnumerator(caller.Token);
        Assert.True(await watching.MoveNextAsync());
        var next = watching.MoveNextAsync().AsTask();
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task GetNewer_WithoutPatience_AsksOnceForNewsOnly()
    {
        await using var server = await StartAsync(View(1, EditState.Queued), Answer(304), View(2, EditState.Running));
        using var client = ClientOf(server);
        var known = await client.GetAsync(Id, Token);

        Assert.Null(await client.GetNewerAsync(known, TimeSpan.Zero, Token));
        Assert.Equal(2, (await client.GetNewerAsync(known, TimeSpan.Zero, Token))!.View.Sequence);
        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task GetNewer_AskedOften_KeepsItsOwnPace()
    {
        await using var server = await StartAsync(View(1, EditState.Queued), With(Answer(304), "Retry-After", "30"), With(Answer(304), "Retry-After", "30"), Answer(304));
        using var client = new ImagicClient(new() { Address = server.Address, PollInterval = TimeSpan.FromSeconds(0.8) }, _time);
        var known = await client.GetAsync(Id, Token);

        Assert.Null(await client.GetNewerAsync(known, TimeSpan.FromSeconds(1), Token));

        Assert.Equal([0.8, 0.2], _time.Waits.Select(wait => Math.Round(wait.TotalSeconds, 3)));
    }

    private static async Task<string> SequencesAsync(ImagicClient client) =>
        string.Join(", ", await client.WatchAsync(Id, Token).Select(view => view.Sequence).ToArrayAsync(Token));

    private static Action<HttpContext> Events(params string[] events) => Text(200, "text/event-stream", string.Concat(events));

    private static string Event(long sequence, EditState state) => $"id: {sequence}\nevent: edit\ndata: {ViewJson(sequence, state)}\n\n";

    private ImagicClient ClientOf(ScriptedServer server) => new(new() { Address = server.Address }, _time);
}
