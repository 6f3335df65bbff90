using Imagic.Tests;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Tests.Queues;

/// <summary>One host for the tests of queue functions; each test has messages of its own.</summary>
public sealed class QueueHost(AzuriteFixture azurite) : IAsyncLifetime
{
    public const int Concurrency = 3;

    internal TestApp App { get; } = new TestApp(azurite)
    {
        Queues = """{ "maxPollingInterval": "00:00:00.2", "batchSize": 2, "newBatchThreshold": 1 }""",
    };

    public async ValueTask InitializeAsync() => await App.StartAsync();

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

public sealed class QueueFunctionTests(QueueHost host) : IClassFixture<QueueHost>
{
    private readonly TestApp _app = host.App;

    [Fact]
    public async Task Message_ThatSucceeds_IsDeleted_AndWhatItLoggedIsInTheHostsLog()
    {
        await _app.SendAsync("items", "hello");

        await Until.TrueAsync(() => Ended("hello") == 1, "the function ran");
        await Until.TrueAsync(async () => await _app.CountAsync("items") == 0, "the message is gone");
        Assert.Equal("1", Begun("hello").Single().Headers["DequeueCount"]);
        Assert.Contains(_app.Log, line => line is { Level: LogLevel.Warning, Category: "Imagic.LocalHost.TestApp.QueueFunctions", Text: "Handled: hello" });
    }

    [Fact]
    public async Task Message_ThatFails_IsTriedFiveTimesThenPoison()
    {
        await _app.SendAsync("items", "fail always");

        await Until.TrueAsync(async () => (await _app.PeekAsync("items-poison")).Contains("fail always"), "the message is poison");

        Assert.Equal(["1", "2", "3", "4", "5"], Begun("fail always").Select(record => record.Headers["DequeueCount"]));
        Assert.Contains(_app.Log, line => line.Text.Contains("Item failed on message", StringComparison.Ordinal)
            && line.Text.Contains("It was told to fail.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Message_ThatIsNoBase64_IsPoisonWithoutARun()
    {
        await (await _app.QueueAsync("items")).SendMessageAsync("{not base64}", TestContext.Current.CancellationToken);

        await Until.TrueAsync(async () => (await _app.PeekAsync("items-poison")).Contains("{not base64}"), "the message is poison");
        Assert.Empty(Begun("{not base64}"));
    }

    [Fact]
    public async Task Message_FailingInAPoisonQueue_StaysHidden()
    {
        await _app.SendAsync("ending-poison", "fail at the end");

        await Until.TrueAsync(
            () => _app.Log.Any(line => line.Text.Contains("Ending failed on message", StringComparison.Ordinal)), "it was tried");
        await Until.StaysTrueAsync(() => Begun("fail at the end").Count() == 1, TimeSpan.FromSeconds(1), "it was tried once");
        Assert.Empty(await _app.PeekAsync("ending-poison"));
        Assert.Equal(1, await _app.CountAsync("ending-poison"));
        Assert.False(await _app.Account.Queues.GetQueueClient("ending-poison-poison").ExistsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Messages_Many_RunAsManyAtOnceAsHostJsonSays()
    {
        // One at first, so that the second look is taken with as many as may run for another one to be taken.
        await _app.SendAsync("items", "wait");
        await Until.TrueAsync(() => Begun("wait").Any(), "the first runs");
        for (var i = 0; i < 7; i++) await _app.SendAsync("items", "wait");
        await Until.TrueAsync(() => Begun("wait").Count() == QueueHost.Concurrency, "as many as may run do");

        await Until.StaysTrueAsync(() => Begun("wait").Count() == QueueHost.Concurrency, TimeSpan.FromSeconds(1), "no more run at once");

        _app.Release();
        await Until.TrueAsync(() => Ended("wait") == 8, "all ran");
        Assert.Equal(8, Begun("wait").Count());
    }

    private IEnumerable<Recorded> Begun(string text) => _app.Begun.Where(record => record.Body == text);

    private int Ended(string text) => _app.Ended.Count(record => record.Body == text);
}
