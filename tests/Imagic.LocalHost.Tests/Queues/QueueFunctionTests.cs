using System.Text.Json;
using Imagic.LocalHost.Invocations;
using Imagic.Tests;

namespace Imagic.LocalHost.Tests.Queues;

/// <summary>One host for the tests of queue functions; each test has a queue and a function of its own.</summary>
public sealed class QueueHost(AzuriteFixture azurite) : IAsyncLifetime
{
    public const int Concurrency = 3;

    public static readonly TimeSpan Invisibility = TimeSpan.FromSeconds(2);

    internal TestApp App { get; } = new TestApp(azurite)
        {
            Queues = """{ "maxPollingInterval": "00:00:00.3", "batchSize": 2, "newBatchThreshold": 1 }""",
        }
        .WithQueue("Success", "success")
        .WithQueue("Failure", "failure")
        .WithQueue("Text", "text")
        .WithQueue("Broken", "broken")
        .WithQueue("Undecodable", "undecodable")
        .WithQueue("Counted", "counted")
        .WithQueue("Ending", "ending-poison")
        .WithQueue("Renewed", "renewed")
        .WithQueue("Stolen", "stolen")
        .WithQueue("Many", "many");

    public async ValueTask InitializeAsync()
    {
        // Received six times, which is once too often, before any host sees it.
        await App.SendAsync("counted", "never run");
        var queue = await App.QueueAsync("counted");
        for (var i = 0; i < 5; i++)
        {
            var message = (await queue.ReceiveMessageAsync(TimeSpan.FromMinutes(1))).Value;
            await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero);
        }

        await App.StartAsync(options => options with { MessageInvisibility = Invisibility });
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

public sealed class QueueFunctionTests(QueueHost host) : IClassFixture<QueueHost>
{
    private readonly TestApp _app = host.App;

    [Fact]
    public async Task Message_ThatSucceeds_IsSentByTheContractAndDeleted()
    {
        await _app.SendAsync("success", "hello");

        await Until.TrueAsync(() => Ended("Success") == 1, "the function ran");
        await EmptyAsync("success");
        var sent = Begun("Success").Single();
        Assert.True(Guid.TryParseExact(sent.Headers["X-Azure-Functions-InvocationId"], "D", out _));
        Assert.Equal(FunctionInvoker.HostVersion, sent.Headers["X-Azure-Functions-HostVersion"]);
        Assert.Equal($"Azure-Functions-Host/{FunctionInvoker.HostVersion}", sent.Headers["User-Agent"]);
        Assert.StartsWith("application/json", sent.Headers["Content-Type"]);
        using var envelope = JsonDocument.Parse(sent.Body);
        Assert.Equal("\"hello\"", envelope.RootElement.GetProperty("Data").GetProperty("item").GetString());
        Assert.Equal(
            ["DequeueCount", "ExpirationTime", "Id", "InsertionTime", "NextVisibleTime", "PopReceipt", "sys"],
            envelope.RootElement.GetProperty("Metadata").EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("Failure", "fail")]
    [InlineData("Text", "text")]
    [InlineData("Broken", "broken")]
    public async Task Message_ThatFails_IsTriedFiveTimesThenPoison(string function, string behaviour)
    {
        var queue = function.ToLowerInvariant();
        await _app.SendAsync(queue, behaviour);

        await Until.TrueAsync(async () => await _app.CountAsync($"{queue}-poison") == 1, "the message is poison");

        Assert.Equal([behaviour], await _app.PeekAsync($"{queue}-poison"));
        Assert.Equal(["1", "2", "3", "4", "5"], Begun(function).Select(DequeueCount));
        await EmptyAsync(queue);
    }

    [Fact]
    public async Task Message_ReceivedTooOftenAlready_IsPoisonWithoutARun()
    {
        await Until.TrueAsync(async () => await _app.CountAsync("counted-poison") == 1, "the message is poison");

        Assert.Equal(["never run"], await _app.PeekAsync("counted-poison"));
        Assert.Empty(Begun("Counted"));
        await EmptyAsync("counted");
    }

    [Fact]
    public async Task Message_ThatIsNoBase64_IsPoisonWithoutARun()
    {
        await (await _app.QueueAsync("undecodable")).SendMessageAsync("{not base64}", TestContext.Current.CancellationToken);

        await Until.TrueAsync(async () => await _app.CountAsync("undecodable-poison") == 1, "the message is poison");

        var poison = await (await _app.QueueAsync("undecodable-poison")).PeekMessageAsync(TestContext.Current.CancellationToken);
        Assert.Equal("{not base64}", poison.Value.MessageText);
        Assert.Empty(Begun("Undecodable"));
    }

    [Fact]
    public async Task Message_FailingInAPoisonQueue_StaysHidden()
    {
        await _app.SendAsync("ending-poison", "fail");

        // It comes again only because its invisibility runs out: at most one run within that time.
        await Until.TrueAsync(() => Begun("Ending").Count() == 2, "the message came again");

        var times = Begun("Ending").Select(record => record.Milliseconds).ToList();
        Assert.True(times[1] - times[0] >= QueueHost.Invisibility.TotalMilliseconds / 2, "it was released");
        Assert.Equal(1, await _app.CountAsync("ending-poison"));
        Assert.False(await _app.Account.Queues.GetQueueClient("ending-poison-poison").ExistsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Message_WhoseFunctionRunsLong_IsKeptHidden_AndMessagesAtOnceAreLimited()
    {
        // One at first, so that the second look is taken with as many as may run for another one to be taken.
        await _app.SendAsync("many", "wait");
        await Until.TrueAsync(() => Begun("Many").Any(), "the first runs");
        for (var i = 0; i < 7; i++) await _app.SendAsync("many", "wait");
        await _app.SendAsync("renewed", "wait");
        await _app.SendAsync("stolen", "wait");
        await Until.TrueAsync(() => Begun("Many").Count() == QueueHost.Concurrency, "as many as may run do");
        await Until.TrueAsync(() => Begun("Renewed").Any() && Begun("Stolen").Any(), "the others run");
        await StealAsync(Begun("Stolen").Single());
        await Until.TrueAsync(() => Begun("Stolen").Count() == 2, "the stolen message came again");

        await Until.StaysTrueAsync(
            () => Begun("Renewed").Count() == 1 && Begun("Many").Count() == QueueHost.Concurrency,
            QueueHost.Invisibility * 1.75,
            "no message came twice, and no more run at once");

        _app.Release();
        await Until.TrueAsync(() => Ended("Many") == 8 && Ended("Renewed") == 1 && Ended("Stolen") == 2, "all ran");
        await EmptyAsync("many");
        await EmptyAsync("renewed");
        await EmptyAsync("stolen");
        Assert.Equal(8, Begun("Many").Count());
        Assert.Equal(0, await _app.CountAsync("stolen-poison"));
    }

    // What a second host does to a message whose lease was lost: the first one's pop receipt is no good any more.
    private async Task StealAsync(Recorded invocation)
    {
        using var envelope = JsonDocument.Parse(invocation.Body);
        var metadata = envelope.RootElement.GetProperty("Metadata");
        var (id, receipt) = (Unquote(metadata.GetProperty("Id")), Unquote(metadata.GetProperty("PopReceipt")));
        await (await _app.QueueAsync("stolen")).UpdateMessageAsync(
            id, receipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static string Unquote(JsonElement element)
    {
        using var inner = JsonDocument.Parse(element.GetString()!);
        return inner.RootElement.GetString()!;
    }

    private static string DequeueCount(Recorded record)
    {
        using var envelope = JsonDocument.Parse(record.Body);
        return envelope.RootElement.GetProperty("Metadata").GetProperty("DequeueCount").GetString()!;
    }

    private IEnumerable<Recorded> Begun(string function) => _app.Begun.Where(record => record.Function == function);

    private int Ended(string function) => _app.Ended.Count(record => record.Function == function);

    private Task EmptyAsync(string queue) => Until.TrueAsync(async () => await _app.CountAsync(queue) == 0, $"{queue} is empty");
}
