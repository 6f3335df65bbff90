using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Imagic.LocalHost.Handler;
using Imagic.Tests;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Tests.Handler;

public sealed class HandlerLifeTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Start_Handler_GetsTheVariablesOfTheRealHost()
    {
        await using var app = new TestApp(azurite).WithHttp("Variables", "variables");
        app.Settings["MY_SETTING"] = "mine";
        var host = await app.StartAsync();

        var variables = (await app.Client.GetFromJsonAsync<Dictionary<string, string>>("/api/variables", TestContext.Current.CancellationToken))!;

        Assert.Equal(variables["FUNCTIONS_CUSTOMHANDLER_PORT"], variables["FUNCTIONS_HTTPWORKER_PORT"]);
        Assert.Equal(variables["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"], variables["FUNCTIONS_HTTPWORKER_ID"]);
        Assert.Equal(app.Folder, variables["FUNCTIONS_APP_ROOT_PATH"]);
        Assert.Equal(app.ConnectionString, variables["ImagicStorage"]);
        Assert.Equal(app.ConnectionString, variables["AzureWebJobsStorage"]);
        Assert.Equal(host.Address.Authority, variables["WEBSITE_HOSTNAME"]);
        Assert.Equal("mine", variables["MY_SETTING"]);
    }

    [Fact]
    public async Task Dispose_Host_LetsTheHandlerEndByItself()
    {
        await using var app = new TestApp(azurite).WithHttp("Variables", "variables");
        var host = await app.StartAsync();
        var handler = host.HandlerProcessId!.Value;

        await host.DisposeAsync();

        Assert.Contains(app.Records, record => record.Kind == "stopped");
        Assert.False(IsAlive(handler));
        Assert.True(host.Completion.IsCompletedSuccessfully);
        Assert.Null(host.HandlerProcessId);
        Assert.Contains(app.Log, line => line is { Level: LogLevel.Information, Text: "The handler is here." });
    }

    [Fact]
    public async Task Kill_Host_EndsTheHandlerToo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells a child that its parent is gone.");
        await using var app = new TestApp(azurite).WithHttp("Variables", "variables");
        app.WriteHostJson();
        var start = new ProcessStartInfo(TestApp.Handler, ["host", app.Folder, app.ConnectionString]) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in app.Settings) start.Environment[name] = value;
        using var host = Process.Start(start)!;
        try
        {
            var handler = int.Parse((await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!);
            Assert.True(IsAlive(handler));

            host.Kill();

            await Until.TrueAsync(() => !IsAlive(handler), "the handler is gone");
        }
        finally
        {
            host.Kill();
        }
    }

    [Fact]
    public async Task Start_HandlerThatCrashesThreeTimes_FailsAndShowsWhatItSaid()
    {
        await using var app = new TestApp(azurite).WithHttp("Variables", "variables");
        app.Settings["TEST_START"] = "crash";

        var exception = await Assert.ThrowsAsync<HandlerException>(() => app.StartAsync());

        Assert.Contains("failed 3 times within 30 minutes", exception.Message);
        Assert.Contains("exit code 7", exception.Message);
        Assert.Equal(3, app.Log.Count(line => line is { Level: LogLevel.Error, Text: "It cannot start." }));
    }

    [Fact]
    public async Task Start_HandlerThatNeverAnswers_Fails()
    {
        await using var app = new TestApp(azurite).WithHttp("Variables", "variables");
        app.Settings["TEST_START"] = "deaf";

        var exception = await Assert.ThrowsAsync<HandlerException>(
            () => app.StartAsync(options => options with { HandlerReadyTimeout = TimeSpan.FromMilliseconds(200) }));

        Assert.Contains("did not answer GET http://127.0.0.1:", exception.Message);
    }

    [Fact]
    public async Task Crash_WhileRunning_Answers503UntilAnotherHandlerIsThere()
    {
        await using var app = new TestApp(azurite).WithHttp("Crash", "crash").WithHttp("Echo", "echo/{**rest}");
        app.Settings["TEST_START"] = "hold-restart";
        var host = await app.StartAsync();
        var first = host.HandlerProcessId;
        using var crash = await app.Client.GetAsync("/api/crash", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadGateway, crash.StatusCode);
        await Until.TrueAsync(() => host.HandlerProcessId is { } next && next != first, "another handler was started");

        using var meanwhile = await app.Client.GetAsync("/api/echo", TestContext.Current.CancellationToken);
        app.Release();
        await Until.TrueAsync(
            async () => (await app.Client.GetAsync("/api/echo", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the new handler answers");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, meanwhile.StatusCode);
        Assert.NotNull(meanwhile.Headers.RetryAfter);
        Assert.False(host.Completion.IsCompleted);
    }

    [Fact]
    public async Task Start_PortInUse_SaysWhich()
    {
        await using var app = new TestApp(azurite).WithHttp("Echo", "echo");
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
