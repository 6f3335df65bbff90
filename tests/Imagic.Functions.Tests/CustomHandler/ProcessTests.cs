using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Imagic.LocalHost.Azurite;
using Imagic.Tests;

namespace Imagic.Functions.Tests.CustomHandler;

/// <summary>The app as the host starts it. Alone, since it measures time.</summary>
[Collection(nameof(ProcessTests))]
[CollectionDefinition(nameof(ProcessTests), DisableParallelization = true)]
public class ProcessTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(5);
    private const int MaxStarts = 3; // other processes may keep the machine busy for a while

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_AsTheHostDoes_IsReadySoonOnLoopbackOnly()
    {
        TimeSpan ready;
        var starts = 0;
        do ready = await StartAsync();
        while (ready > Generous && ++starts < MaxStarts);

        Assert.True(ready < Generous, $"{ready}");
    }

    private async Task<TimeSpan> StartAsync()
    {
        var port = AzuriteProcess.FreePort();
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location]) { UseShellExecute = false };
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}";
        start.Environment["ImagicStorage"] = azurite.NewOptions().ConnectionString;
        start.Environment["ASPNETCORE_URLS"] = "http://0.0.0.0:1"; // must not matter
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        try
        {
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
            while (!await IsReadyAsync(client)) Assert.True(clock.Elapsed < Deadline && !process.HasExited, "The app did not start.");
            var ready = clock.Elapsed;
            output.WriteLine($"ready after {ready.TotalMilliseconds:0} ms");
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/nothing", Cancellation)).StatusCode);
            Assert.DoesNotContain(
                IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(),
                listener => listener.Port == port && !IPAddress.IsLoopback(listener.Address));
            return ready;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_PORT")]
    [InlineData("ImagicStorage")]
    public void Create_WithoutASetting_NamesIt(string missing)
    {
        using var telemetry = Imagic.Runtime.Telemetry.ImagicTelemetry.Start("test");
        var settings = new Dictionary<string, string?>
        {
            ["FUNCTIONS_CUSTOMHANDLER_PORT"] = "0",
            ["ImagicStorage"] = azurite.NewOptions().ConnectionString,
        };
        settings[missing] = "";

        var exception = Assert.ThrowsAny<Exception>(() => Program.Create([.. settings.Select(setting => $"--{setting.Key}={setting.Value}")], telemetry));

        Assert.Contains(missing, exception.Message, StringComparison.Ordinal);
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync("/", Cancellation);
            return true;
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), Cancellation);
            return false;
        }
    }
}
