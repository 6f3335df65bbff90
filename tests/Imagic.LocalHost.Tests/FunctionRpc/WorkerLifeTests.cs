using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Imagic.LocalHost.FunctionRpc;
using Imagic.Tests;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Tests.FunctionRpc;

public sealed class WorkerLifeTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Start_Worker_GetsTheVariablesOfTheRealHost()
    {
        await using var app = new TestApp(azurite);
        app.Settings["MY_SETTING"] = "mine";
        var host = await app.StartAsync();

        var variables = (await app.Client.GetFromJsonAsync<Dictionary<string, string>>("/api/variables", TestContext.Current.CancellationToken))!;

        Assert.Equal("dotnet-isolated", variables["FUNCTIONS_WORKER_RUNTIME"]);
        Assert.Equal(app.Folder, variables["FUNCTIONS_WORKER_DIRECTORY"]);
        Assert.Equal(app.Folder, variables["FUNCTIONS_APPLICATION_DIRECTORY"]);
        Assert.Equal(app.ConnectionString, variables["ImagicStorage"]);
        Assert.Equal(app.ConnectionString, variables["AzureWebJobsStorage"]);
        Assert.Equal(host.Address.Authority, variables["WEBSITE_HOSTNAME"]);
        Assert.Equal("mine", variables["MY_SETTING"]);
    }

    [Fact]
    public async Task Dispose_Host_LetsTheWorkerEndByItself()
    {
        await using var app = new TestApp(azurite);
        var host = await app.StartAsync();
        var worker = host.WorkerProcessId!.Value;

        await host.DisposeAsync();

        Assert.Contains(app.Records, record => record.Kind == "stopped");
        Assert.False(IsAlive(worker));
        Assert.True(host.Completion.IsCompletedSuccessfully);
        Assert.Null(host.WorkerProcessId);
        Assert.Contains(app.Log, line => line is { Level: LogLevel.Information, Text: "The worker is here." });
    }

    [Fact]
    public async Task Kill_Host_EndsTheWorkerToo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells a child that its parent is gone.");
        await using var app = new TestApp(azurite);
        app.Write();
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Imagic.LocalHost.Tests"), ["host", app.Folder, app.ConnectionString]) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in app.Settings) start.Environment[name] = value;
        using var host = Process.Start(start)!;
        try
        {
            var worker = int.Parse((await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!);
            Assert.True(IsAlive(worker));

            host.Kill();

            await Until.TrueAsync(() => !IsAlive(worker), "the worker is gone");
        }
        finally
        {
            host.Kill();
        }
    }

    [Fact]
    public async Task Start_WorkerThatCrashesThreeTimes_FailsAndShowsWhatItSaid()
    {
        await using var app = new TestApp(azurite);
        app.Settings["TEST_START"] = "crash";

        var exception = await Assert.ThrowsAsync<FunctionAppException>(() => app.StartAsync());

        Assert.Contains("failed 3 times within 30 minutes", exception.Message);
        Assert.Contains("exit code 7", exception.Message);
        Assert.Equal(3, app.Log.Count(line => line is { Level: LogLevel.Error, Text: "It cannot start." }));
    }

    [Fact]
    public async Task Start_WorkerThatNeverAnswers_Fails()
    {
        await using var app = new TestApp(azurite);
        app.Settings["TEST_START"] = "deaf";

        var exception = await Assert.ThrowsAsync<FunctionAppException>(
            () => app.StartAsync(options => options with { WorkerReadyTimeout = TimeSpan.FromMilliseconds(200) }));

        Assert.Contains("did not load its functions within 0.2 s", exception.Message);
    }

    [Fact]
    public async Task Crash_WhileRunning_Answers503UntilAnotherWorkerIsThere()
    {
        await using var app = new TestApp(azurite);
        app.Settings["TEST_START"] = "hold-restart";
        var host = await app.StartAsync();
        var first = host.WorkerProcessId;
        using var crash = await app.Client.GetAsync("/api/crash", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadGateway, crash.StatusCode);
        await Until.TrueAsync(() => host.WorkerProcessId is { } next && next != first, "another worker was started");

        using var meanwhile = await app.Client.GetAsync("/api/echo", TestContext.Current.CancellationToken);
        app.Release();
        await Until.TrueAsync(
            async () => (await app.Client.GetAsync("/api/echo", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the new worker answers");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, meanwhile.StatusCode);
        Assert.NotNull(meanwhile.Headers.RetryAfter);
        Assert.False(host.Completion.IsCompleted);
    }

    [Fact]
    public async Task Start_PortInUse_SaysWhich()
    {
        await using var app = new TestApp(azurite);
        var host = await app.StartAsync();

        var exception = await Assert.ThrowsAsync<IOException>(() => app.StartAsync(options => options with { Port = host.Address.Port }));

        Assert.Contains($"The port {host.Address.Port} on 127.0.0.1 cannot be used", exception.Message);
    }

    // A process that has ended but was not reaped is no longer alive.
    private static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
