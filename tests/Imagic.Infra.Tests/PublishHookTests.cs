using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Imagic.Tests;

namespace Imagic.Infra.Tests;

/// <summary>What <c>azd package</c> zips is an app that the Functions host can start on a machine without .NET.</summary>
public sealed class PublishHookTests
{
    private static readonly string App = Path.Combine(RepositoryFiles.Root, "artifacts", "functions");

    [Fact]
    public async Task Hook_MakesAHandlerThatStartsWithoutDotnet()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using (var hook = Process.Start(new ProcessStartInfo("sh", [Path.Combine(Bicep.Folder, "hooks", "publish-functions.sh")]) { UseShellExecute = false })!)
        {
            await hook.WaitForExitAsync(cancellation);
            Assert.Equal(0, hook.ExitCode);
        }

        using var host = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(App, "host.json"), cancellation));
        var description = host.RootElement.GetProperty("customHandler").GetProperty("description");
        var program = Path.Combine(App, description.GetProperty("defaultExecutablePath").GetString()!);
        Assert.Empty(description.GetProperty("arguments").EnumerateArray());
        Assert.True(File.Exists(Path.Combine(App, "OnStorageEvent", "function.json")));

        var port = FreePort();
        // As the host starts it, with an environment that says where, and nothing else of this machine.
        var start = new ProcessStartInfo(program) { UseShellExecute = false, WorkingDirectory = App };
        start.Environment.Clear();
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}";
        start.Environment["ImagicStorage__blobServiceUri"] = "https://storage.example/";
        start.Environment["ImagicStorage__queueServiceUri"] = "https://storage.example/";
        using var handler = Process.Start(start)!;
        try
        {
            using var client = new HttpClient();
            while (!handler.HasExited)
            {
                try
                {
                    using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/"), cancellation);
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                    return;
                }
                catch (HttpRequestException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellation); // as the host does
                }
            }

            Assert.Fail($"The handler ended with code {handler.ExitCode}.");
        }
        finally
        {
            if (!handler.HasExited) handler.Kill();
            await handler.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
