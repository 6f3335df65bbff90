using System.Net;
using Imagic.TestKit;
using Microsoft.AspNetCore.Http;
using static Imagic.Client.Tests.Answers;
using static Imagic.TestKit.ScriptedServer;

namespace Imagic.Client.Tests;

/// <summary>What comes of answers that a service gives on its bad days, and of those that come from something in front of it.</summary>
public class ImagicClientTests
{
    private static readonly EditId Id = EditId.Parse("some-edit");

    private readonly JumpingTime _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_AtAServiceThatRestarts_SendsThePictureAgainWhenItIsTold()
    {
        await using var server = await StartAsync(Answer(503, "Retry-After", "2"), Break, View(1, EditState.Queued));
        using var client = ClientOf(server);
        byte[] picture = [1, 2, 3, 250, 251, 252];
        using var stream = new MemoryStream([9, 9, .. picture]) { Position = 2 };

        await client.StartAsync(new() { TargetText = "a bird" }, stream, "a.png", Id, Token);

        Assert.Equal(3, server.Bodies.Count);
        Assert.All(server.Bodies, body => Assert.True(body.AsSpan().IndexOf(picture) > 0 && body.AsSpan().IndexOf(new byte[] { 9, 1, 2, 3 }) < 0, "not the picture alone"));
        Assert.Equal(TimeSpan.FromSeconds(2), _time.Waits.First());
        Assert.True(stream.CanRead, "the stream is the caller's");
    }

    [Fact]
    public async Task Start_OfAStreamThatCannotGoBack_IsRepeatedAllTheSame()
    {
        await using var server = await StartAsync(Break, View(1, EditState.Queued));
        using var client = ClientOf(server);
        using var stream = new ForwardStream([1, 2, 3, 250, 251, 252]);

        await client.StartAsync(new() { TargetText = "a bird" }, stream, "a.png", Id, Token);

        Assert.All(server.Bodies, body => Assert.True(body.AsSpan().IndexOf(new byte[] { 1, 2, 3, 250, 251, 252 }) > 0));
        Assert.Equal(2, server.Bodies.Count);
    }

    [Fact]
    public async Task Start_WithoutAnId_IsRepeatedUnderTheSame()
    {
        var paths = new List<string>();
        await using var server = await StartAsync(Seen(paths, Break), Seen(paths, View(1, EditState.Queued)));
        using var client = ClientOf(server);

        await client.StartAsync(new() { TargetText = "a bird", Source = "a.png" }, cancellationToken: Token);

        Assert.Equal(2, paths.Count);
        Assert.Equal(paths[0], paths[1]);
        Assert.StartsWith("PUT /api/edits/", paths[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_RefusedEachTime_EndsWithWhatTheServiceSays()
    {
        await using var server = await StartAsync([.. Enumerable.Repeat(Problem(503, """{"code":"storage-unavailable","detail":"Later.","traceId":"4bf9"}"""), 10)]);
        using var client = ClientOf(server);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, 1 + Retries.Most), (exception.Status, server.Bodies.Count));
        Assert.Equal(("storage-unavailable", "Later.", "4bf9", FaultKind.Failed), (exception.Code, exception.Detail, exception.TraceId, exception.Kind));
        Assert.All(_time.Waits, wait => Assert.InRange(wait, TimeSpan.Zero, Retries.LongestPause));
    }

    [Fact]
    public async Task Call_OfTooMany_ComesBackWhenItMayAndTellsWhenItIsLong()
    {
        var problem = """{"code":"too-many-edits","detail":"Wait.","member":"caller"}""";
        await using var server = await StartAsync(With(Problem(429, problem), "Retry-After", "7"), With(Problem(429, problem), "Retry-After", "3600"));
        using var client = ClientOf(server);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token));

        Assert.Equal([TimeSpan.FromSeconds(7)], _time.Waits);
        Assert.Equal(("too-many-edits", "caller", TimeSpan.FromHours(1)), (exception.Code, exception.Member, exception.RetryAfter));
        Assert.Equal(FaultKind.BadInput, exception.Kind);
    }

    [Fact]
    public async Task Call_AnsweredWithAPage_SaysWhoAnsweredWhat()
    {
        await using var server = await StartAsync([.. Enumerable.Repeat(Text(502, "text/html", "<html><h1>Bad Gateway</h1>"), 10)]);
        using var client = ClientOf(server);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token));

        Assert.Equal((ImagicApiException.Failed, HttpStatusCode.BadGateway), (exception.Code, exception.Status));
        Assert.Equal($"{client.Address} answered 502 Bad Gateway.", exception.Detail);
    }

    [Theory]
    [InlineData("text/html", "<html>Sign in</html>")]
    [InlineData("application/json", "{\"editId\":\"some-ed")]
    [InlineData("application/json", "{}")]
    [InlineData("application/json", "null")]
    [InlineData("application/json; charset=nonsense", "{}")]
    public async Task Call_AnsweredWithWhatIsNoEdit_SaysSo(string type, string content)
    {
        await using var server = await StartAsync(Text(200, type, content));
        using var client = ClientOf(server);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token));

        Assert.Equal(ImagicApiException.Unreadable, exception.Code);
        Assert.Contains("cannot be read", exception.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"code\":")]
    [InlineData("[]")]
    [InlineData("{\"title\":\"Teapot\"}")]
    public async Task Call_RefusedWithHalfAProblem_StillTellsTheStatus(string problem)
    {
        await using var server = await StartAsync(Problem(418, problem));
        using var client = ClientOf(server);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token));

        Assert.Equal((ImagicApiException.Failed, (HttpStatusCode)418), (exception.Code, exception.Status));
        Assert.Equal(problem.Contains("title", StringComparison.Ordinal) ? "Teapot" : $"{client.Address} answered 418 I'm a teapot.", exception.Detail);
    }

    [Fact]
    public async Task Call_WhoseAnswerBreaksOff_IsRepeated()
    {
        await using var server = await StartAsync(Answer(200, "Content-Length", "1000"), View(3, EditState.Running));
        using var client = ClientOf(server);

        Assert.Equal(3, (await client.GetAsync(Id, Token)).View.Sequence);

        Assert.Single(_time.Waits);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    public async Task Call_ThatIsSentElsewhere_SaysWhereAndTakesNoKeyAlong(int status)
    {
        await using var elsewhere = await StartAsync(View(1, EditState.Running));
        await using var server = await StartAsync(Answer(status, "Location", $"{elsewhere.Address}api/edits/some-edit?code=secret"));
        using var client = ClientOf(server, "the-key");

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token));

        Assert.Contains($"sends on to {elsewhere.Address}api/edits/some-edit.", exception.Detail, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Bodies);
    }

    [Fact]
    public async Task Call_WithAKey_SendsItOnEachAttempt()
    {
        var keys = new List<string>();
        Action<HttpContext> note = context => keys.Add(context.Request.Headers["x-functions-key"].ToString());
        await using var server = await StartAsync(note + Answer(503), note + View(1, EditState.Running));
        using var client = ClientOf(server, "the-key");

        await client.GetAsync(Id, Token);

        Assert.Equal(["the-key", "the-key"], keys);
    }

    [Fact]
    public async Task Call_OfAServiceThatHangsUpEachTime_IsUnreachable()
    {
        await using var server = await StartAsync([.. Enumerable.Repeat<Action<HttpContext>>(Break, 10)]);
        using var client = ClientOf(server);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token));

        Assert.True(exception.IsUnreachable);
        Assert.Null(exception.Status);
        Assert.Equal(1 + Retries.Most, server.Bodies.Count);
    }

    [Fact]
    public async Task Call_WithNobodyThere_IsUnreachableAtOnce()
    {
        var server = await StartAsync();
        using var client = ClientOf(server);
        await server.DisposeAsync();

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token));

        Assert.True(exception.IsUnreachable);
        Assert.Contains(client.Address, exception.Detail, StringComparison.Ordinal);
        Assert.Empty(_time.Waits);
        Assert.False(await client.IsThereAsync(Token));
    }

    [Fact]
    public async Task Call_OfAServiceThatSaysNothing_EndsInTime()
    {
        await using var server = await StartAsync([.. Enumerable.Repeat<Action<HttpContext>>(context => context.RequestAborted.WaitHandle.WaitOne(), 10)]);
        using var client = new ImagicClient(new() { Address = server.Address, Timeout = TimeSpan.FromMilliseconds(100) }, _time);

        var exception = await Assert.ThrowsAsync<ImagicApiException>(() => client.GetAsync(Id, Token));

        Assert.True(exception.IsUnreachable);
        Assert.IsType<TimeoutException>(exception.InnerException);
    }

    [Fact]
    public async Task Call_GivenUpDuringAPause_EndsAtOnce()
    {
        var time = new StandingTime();
        await using var server = await StartAsync(Answer(503, "Retry-After", "30"));
        using var client = new ImagicClient(new() { Address = server.Address }, time);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = client.GetAsync(Id, caller.Token);
        Assert.Equal(TimeSpan.FromSeconds(30), await time.Waiting);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Single(server.Bodies);
    }

    [Theory]
    [InlineData(200, "application/json", true)]
    [InlineData(503, "application/problem+json", true)]
    [InlineData(200, "text/html", false)]
    public async Task IsThere_AsksOnceAndKnowsAnImagicByItsAnswer(int status, string type, bool isThere)
    {
        await using var server = await StartAsync(Text(status, type, "{}"));
        using var client = ClientOf(server);

        Assert.Equal(isThere, await client.IsThereAsync(Token));

        Assert.Single(server.Bodies);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("imagic")]
    [InlineData("ftp://imagic")]
    public void New_WithoutAnAddress_SaysWhatIsMissing(string? address)
    {
        var options = new ImagicClientOptions { Address = address is null ? null : new(address, UriKind.RelativeOrAbsolute) };

        Assert.Contains("Address", Assert.Throws<ArgumentException>(() => new ImagicClient(options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "/api/edits/some-edit")]
    [InlineData("imagic", "/imagic/api/edits/some-edit")]
    [InlineData("imagic/", "/imagic/api/edits/some-edit")]
    public async Task Address_WithAPath_KeepsIt(string path, string called)
    {
        var paths = new List<string>();
        await using var server = await StartAsync(Seen(paths, View(1, EditState.Running)));
        using var client = new ImagicClient(new() { Address = new(server.Address, path) }, _time);

        await client.GetAsync(Id, Token);

        Assert.Equal($"GET {called}", Assert.Single(paths));
    }

    private ImagicClient ClientOf(ScriptedServer server, string? key = null) => new(new() { Address = server.Address, FunctionKey = key }, _time);

    private sealed class ForwardStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
