using System.Diagnostics;
using Imagic.LocalHost.FunctionRpc;
using Imagic.Storage.Telemetry;
using Imagic.Tests;

namespace Imagic.LocalHost.Tests.FunctionRpc;

public sealed class InvocationLifeTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Crash_ThreeTimes_EndsTheHost_AndMessagesAreTriedAgainOrPoison()
    {
        await using var app = new TestApp(azurite)
        {
            Queues = """{ "maxPollingInterval": "00:00:00.2", "maxDequeueCount": 2 }""",
        };
        var host = await app.StartAsync();
        await app.SendAsync("items", "crash");
        await Until.TrueAsync(async () => await app.CountAsync("items-poison") == 1, "two crashes make the message poison");
        Assert.False(host.Completion.IsCompleted);

        await app.SendAsync("items", "crash");

        var exception = await Assert.ThrowsAsync<FunctionAppException>(() => host.Completion.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Contains("exit code 9", exception.Message);
        Assert.Equal(3, app.Begun.Count);
    }

    [Fact]
    public async Task Function_PastItsTimeout_RestartsTheWorker()
    {
        await using var app = new TestApp(azurite)
        {
            Timeout = "00:00:01",
            Queues = """{ "maxPollingInterval": "00:00:00.2", "maxDequeueCount": 1 }""",
        };
        var host = await app.StartAsync();
        var first = host.WorkerProcessId;

        await app.SendAsync("items", "hang");

        await Until.TrueAsync(async () => await app.CountAsync("items-poison") == 1, "the message failed");
        await Until.TrueAsync(() => host.WorkerProcessId is { } next && next != first, "another worker was started");
        Assert.Single(app.Begun);
        Assert.Contains(app.Log, line => line.Text.Contains("ran longer than its functionTimeout of 00:00:01", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_PastTheTimeout_RestartsTheWorker()
    {
        await using var app = new TestApp(azurite) { Timeout = "00:00:01" };
        var host = await app.StartAsync();
        var first = host.WorkerProcessId;

        using var response = await app.Client.GetAsync("/api/hang", TestContext.Current.CancellationToken);

        Assert.False(response.IsSuccessStatusCode);
        await Until.TrueAsync(() => host.WorkerProcessId is { } next && next != first, "another worker was started");
    }

    [Fact]
    public async Task Dispose_WhileAFunctionRuns_GivesItsMessageBack()
    {
        await using var app = new TestApp(azurite);
        var host = await app.StartAsync(options => options with { StopGrace = TimeSpan.FromMilliseconds(200) });
        await app.SendAsync("items", "hang");
        await Until.TrueAsync(() => app.Begun.Count == 1, "the function runs");

        await host.DisposeAsync();

        Assert.Equal(["hang"], await app.PeekAsync("items"));
    }

    [Fact]
    public async Task Failure_WithAVisibilityTimeout_IsTriedAgainAfterIt()
    {
        await using var app = new TestApp(azurite)
        {
            Queues = """{ "maxPollingInterval": "00:00:00.1", "maxDequeueCount": 2, "visibilityTimeout": "00:00:02" }""",
        };
        await app.StartAsync();

        await app.SendAsync("items", "fail");

        await Until.TrueAsync(() => app.Begun.Count == 2, "it was tried twice");
        Assert.InRange(app.Begun[1].Milliseconds - app.Begun[0].Milliseconds, 900, 20_000); // the service counts whole seconds
    }

    [Fact]
    public async Task Invocation_InATrace_CarriesIt()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ImagicTelemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var app = new TestApp(azurite);
        await app.StartAsync();

        await app.SendAsync("items", "hello");

        await Until.TrueAsync(() => app.Begun.Count == 1, "the function ran");
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", app.Begun[0].Headers["traceparent"]);
    }
}
