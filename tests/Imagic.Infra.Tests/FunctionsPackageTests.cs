using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Imagic.Tests;

namespace Imagic.Infra.Tests;

/// <summary>What azd zips for the function app: the output of <c>dotnet publish</c>.</summary>
public sealed partial class FunctionsPackageTests : IAsyncLifetime
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _package = Directory.CreateTempSubdirectory("imagic-package-");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var project = Path.Combine(RepositoryFiles.Root, "functions", "Imagic.Functions");
        // These tests are built after it, in the same configuration.
        var result = await ProgramResult.OfAsync(new(
            "dotnet", ["publish", project, "-c", BuildMetadata.Configuration, "--no-build", "--output", _package.FullName, "--nologo"])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        });
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _package.Delete(recursive: true);
        return default;
    }

    [Fact]
    public async Task Package_HasWhatTheHostReadsAndStarts()
    {
        using var host = Read("host.json");
        using var functions = Read("functions.metadata");
        using var extensions = Read("extensions.json");
        using var worker = Read("worker.config.json");
        var description = worker.RootElement.GetProperty("description");

        Assert.Equal("2.0", host.RootElement.GetProperty("version").GetString());
        Assert.NotEmpty(functions.RootElement.EnumerateArray());
        Assert.NotEmpty(extensions.RootElement.GetProperty("extensions").EnumerateArray());
        Assert.All(extensions.RootElement.GetProperty("extensions").EnumerateArray(), extension => Assert.True(Exists(extension, "hintPath")));
        Assert.All(functions.RootElement.EnumerateArray(), function => Assert.True(Exists(function, "scriptFile")));
        Assert.Equal("dotnet-isolated", description.GetProperty("language").GetString());
        Assert.True(Exists(description, "defaultWorkerPath"));
        Assert.False(File.Exists(At("local.settings.json")));
        // The page with all that it loads.
        var page = File.ReadAllText(At("studio/index.html"));
        var loaded = LoadedByPage().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Contains(loaded, file => file.EndsWith(".js", StringComparison.Ordinal));
        Assert.Contains(loaded, file => file.EndsWith(".css", StringComparison.Ordinal));
        Assert.All(loaded, file => Assert.True(File.Exists(At(file)), file));

        await CallsItsHostAsync(
            description.GetProperty("defaultExecutablePath").GetString()!, At(description.GetProperty("defaultWorkerPath").GetString()!));
    }

    /// <summary>Starts the app as the host does, and takes its call as far as the preface by which HTTP/2, and so gRPC, begins.</summary>
    private async Task CallsItsHostAsync(string program, string worker)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(WaitLimit);
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var start = new ProcessStartInfo(
            program,
            [
                worker, "--functions-uri", $"http://{host.LocalEndpoint}", "--functions-request-id", "request",
                "--functions-worker-id", "worker", "--functions-grpc-max-message-length", $"{int.MaxValue}",
            ])
        {
            UseShellExecute = false, WorkingDirectory = _package.FullName,
        };
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = _package.FullName;
        // As infra sets them, and nothing else.
        start.Environment["ImagicStorage__blobServiceUri"] = "https://storage.example/";
        start.Environment["ImagicStorage__queueServiceUri"] = "https://storage.example/";
        using var process = Process.Start(start)!;
        try
        {
            var call = host.AcceptTcpClientAsync(patience.Token).AsTask();
            Assert.True(await Task.WhenAny(call, process.WaitForExitAsync(patience.Token)) == call, "The app ended before it called its host.");
            using var client = await call;
            var preface = new byte["PRI * HTTP/2.0".Length];
            await client.GetStream().ReadExactlyAsync(preface, patience.Token);
            Assert.Equal("PRI * HTTP/2.0", Encoding.ASCII.GetString(preface));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    [GeneratedRegex("(?:src|href)=\"/(studio/[^\"]+)\"")]
    private static partial Regex LoadedByPage();

    private string At(string file) => Path.Combine(_package.FullName, file);

    private bool Exists(JsonElement names, string member) => File.Exists(At(names.GetProperty(member).GetString()!));

    private JsonDocument Read(string file) => JsonDocument.Parse(File.ReadAllText(At(file)));
}
