using System.Globalization;
using Azure;
using Imagic.Storage.Resilience;
using Imagic.TestKit;
using static Imagic.TestKit.ScriptedServer;

namespace Imagic.Storage.Tests.Resilience;

/// <summary>What both pipelines of HTTP calls promise: each with its real client, in front of a real server.</summary>
public class HttpPipelinesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<string, int, string> Waits => new(
        ["storage", "hub"], [429, 503], ["Retry-After", "Retry-After at", "retry-after-ms", "x-ms-retry-after-ms"]);

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task Call_WhoseAnswerSaysWhenToComeBack_ComesBackThen(string client, int status, string header)
    {
        var time = new JumpingTime();
        var (name, value) = header switch
        {
            "Retry-After" => (header, "7"),
            "Retry-After at" => ("Retry-After", (time.GetUtcNow() + TimeSpan.FromSeconds(7)).ToString("R", CultureInfo.InvariantCulture)),
            _ => (header, "7000"),
        };
        await using var server = await StartAsync(Answer(status, name, value), Answer(200));

        Assert.Equal(200, await CallAsync(client, server, time));

        Assert.Equal([TimeSpan.FromSeconds(7)], time.Waits);
        Assert.Equal(2, server.Bodies.Count);
    }

    [Theory]
    [InlineData("storage", "Retry-After", "0")]
    [InlineData("storage", "Retry-After", "soon")]
    [InlineData("storage", "retry-after-ms", "-5")]
    [InlineData("hub", "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("hub", "Retry-After", "")]
    public async Task Call_WhoseAnswerNamesNoWait_KeepsTheUsualPauses(string client, string name, string value)
    {
        var time = new JumpingTime();
        await using var server = await StartAsync(Answer(503, name, value), Answer(200));

        Assert.Equal(200, await CallAsync(client, server, time));

        Assert.InRange(Assert.Single(time.Waits), TimeSpan.Zero, ResiliencePipelines.LongestPause);
    }

    [Theory]
    [InlineData("storage")]
    [InlineData("hub")]
    public async Task Call_ToldToComeBackMuchLater_LeavesThatToTheCaller(string client)
    {
        var time = new JumpingTime();
        await using var server = await StartAsync(Answer(503, "Retry-After", "3600"));

        Assert.Equal(503, await CallAsync(client, server, time));

        Assert.Empty(time.Waits);
    }

    [Theory]
    [InlineData("storage")]
    [InlineData("hub")]
    public async Task Call_ThatFailsEachTime_WaitsLongerEachTimeWithinBounds(string client)
    {
        var waits = new List<TimeSpan[]>();
        for (var i = 0; i < 20; i++)
        {
            var time = new JumpingTime();
            await using var server = await StartAsync([.. Enumerable.Repeat(Answer(503), 10)]);
            Assert.Equal(503, await CallAsync(client, server, time));
            waits.Add([.. time.Waits]);
        }

        Assert.All(waits, each => Assert.Equal(ResiliencePipelines.MaxRetries, each.Length));
        Assert.All(waits.SelectMany(each => each), wait => Assert.InRange(wait, TimeSpan.Zero, ResiliencePipelines.LongestPause));
        Assert.True(waits.Average(each => each[^1].TotalSeconds) > 3 * waits.Average(each => each[0].TotalSeconds), "the pauses do not grow");
        Assert.True(waits.Select(each => each[0]).Distinct().Count() > 10, "callers that failed together come back together");
    }

    [Theory]
    [InlineData("storage", 400)]
    [InlineData("storage", 404)]
    [InlineData("storage", 409)]
    [InlineData("hub", 400)]
    [InlineData("hub", 404)]
    [InlineData("hub", 412)]
    [InlineData("hub", 501)]
    public async Task Call_ThatIsRefused_IsNotRepeated(string client, int status)
    {
        await using var server = await StartAsync(Answer(status, "Retry-After", "1"));

        Assert.Equal(status, await CallAsync(client, server, new JumpingTime()));

        Assert.Single(server.Bodies);
    }

    [Theory]
    [InlineData("storage")]
    [InlineData("hub")]
    public async Task Call_WhoseConnectionBreaks_IsRepeated(string client)
    {
        await using var server = await StartAsync(Break, Answer(200));

        Assert.Equal(200, await CallAsync(client, server, new JumpingTime()));
    }

    [Theory]
    [InlineData("storage")]
    [InlineData("hub")]
    public async Task Call_GivenUpDuringAPause_EndsAtOnce(string client)
    {
        var time = new StandingTime();
        await using var server = await StartAsync(Answer(503, "Retry-After", "30"));
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = CallAsync(client, server, time, caller.Token);
        Assert.Equal(TimeSpan.FromSeconds(30), await time.Waiting);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Single(server.Bodies);
    }

    [Fact]
    public async Task Hub_WithNobodyThere_DoesNotWait()
    {
        var server = await StartAsync();
        var address = server.Address;
        await server.DisposeAsync();
        using var client = new HttpClient { BaseAddress = address };
        var time = new JumpingTime();

        await Assert.ThrowsAsync<HttpRequestException>(async () => await ResiliencePipelines.Hub(time)
            .ExecuteAsync(async token => await client.GetAsync("", token), Token));

        Assert.Empty(time.Waits);
    }

    [Fact]
    public async Task Hub_BeforeTheNextAttempt_DisposesTheAnswer()
    {
        await using var server = await StartAsync(Answer(503), Answer(200));
        using var client = new HttpClient { BaseAddress = server.Address };
        var answers = new List<HttpResponseMessage>();

        using var last = await ResiliencePipelines.Hub(new JumpingTime()).ExecuteAsync(
            async token =>
            {
                foreach (var answer in answers) Assert.Throws<ObjectDisposedException>(() => answer.Content.ReadAsStream(token));
                answers.Add(await client.GetAsync("", token));
                return answers[^1];
            },
            Token);

        Assert.Equal(2, answers.Count);
        Assert.Equal(ScriptedServer.Content, await last.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Storage_BeforeTheNextAttempt_DisposesTheAnswer()
    {
        await using var server = await StartAsync(Answer(503), Answer(200));
        var probe = new AnswerBefore();

        await new StorageAccount(server.Options, probe, new JumpingTime()).Uploads.GetBlobClient("a").DownloadContentAsync(Token);

        Assert.Equal([false, true], probe.IsDisposed);
    }

    [Fact]
    public async Task Storage_OfAStreamThatCannotGoBack_SendsTheWholeContentAgain()
    {
        await using var server = await StartAsync(Break, Answer(503), Answer(201));
        var content = new byte[100_000];
        new Random(1).NextBytes(content);
        await using var forward = new ForwardStream(content);

        await new StorageAccount(server.Options, time: new JumpingTime()).Uploads.GetBlobClient("a").UploadAsync(forward, Token);

        // A stream of unknown length goes up as blocks, and their list after them.
        Assert.Equal([content, content, content], server.Bodies.SkipLast(1));
    }

    /// <returns>The status that the caller gets.</returns>
    private static async Task<int> CallAsync(string client, ScriptedServer server, TimeProvider time, CancellationToken? cancellationToken = null)
    {
        var token = cancellationToken ?? Token;
        if (client == "hub")
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            using var answer = await ResiliencePipelines.Hub(time).ExecuteAsync(async inner => await http.GetAsync("", inner), token);
            return (int)answer.StatusCode;
        }

        try
        {
            return (await new StorageAccount(server.Options, time: time).Uploads.GetPropertiesAsync(cancellationToken: token)).GetRawResponse().Status;
        }
        catch (RequestFailedException exception)
        {
            return exception.Status;
        }
    }

    private sealed class ForwardStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override long Seek(long offset, SeekOrigin loc) => throw new NotSupportedException();
    }
}
