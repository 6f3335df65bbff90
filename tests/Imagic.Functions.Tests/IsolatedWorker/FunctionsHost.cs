using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Imagic.Functions.Tests.IsolatedWorker.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Imagic.Functions.Tests.IsolatedWorker;

/// <summary>
/// Stands in for the Functions host: starts the built app as a process, asks it over gRPC for its functions, loads and
/// invokes them, and passes HTTP requests on to it.
/// </summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WorkerChannel _worker = new();
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });
    private readonly Dictionary<string, string> _ids = [];
    private WebApplication? _rpc;
    private WebApplication? _http;
    private Process? _process;
    private string? _workerAddress;

    /// <summary>Folder of the built app; the tests have it beside their own.</summary>
    public static string AppFolder { get; } = Path.Combine(
        Path.GetDirectoryName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!, "Imagic.Functions",
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));

    /// <summary>Where the functions are over HTTP.</summary>
    public Uri Address => new(_http!.Urls.Single());

    /// <summary>What the worker says its functions are.</summary>
    public IReadOnlyList<RpcFunctionMetadata> Functions { get; private set; } = [];

    /// <summary>Starts the app with these settings and waits until all functions are loaded.</summary>
    public static async Task<FunctionsHost> StartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var host = new FunctionsHost();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await host.StartWorkerAsync(settings, patience.Token);
            await host.LoadAsync(patience.Token);
            host._http = await host.StartHttpAsync(patience.Token);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Brings a message of a queue to a function; says why it failed, null when it did not.</summary>
    public Task<string?> InvokeAsync(string function, string text, string? traceParent, CancellationToken cancellationToken) => InvokeAsync(
        function, Guid.NewGuid().ToString("D"), traceParent,
        new ParameterBinding
        {
            Name = "message",
            Data = new()
            {
                ModelBindingData = new()
                {
                    Version = "1.0",
                    Source = "AzureStorageQueues",
                    ContentType = "application/json",
                    Content = ByteString.CopyFromUtf8(new JsonObject
                    {
                        ["MessageId"] = Guid.NewGuid().ToString("D"),
                        ["PopReceipt"] = "receipt",
                        ["MessageText"] = text,
                        ["DequeueCount"] = 1,
                        ["InsertedOn"] = "2026-03-01T12:00:00+00:00",
                    }.ToJsonString()),
                },
            },
        },
        cancellationToken);

    /// <summary>Asks the app to end, and says with which code it does.</summary>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        _worker.Tell(new() { WorkerTerminate = new() });
        await _process!.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        if (_http is not null) await _http.DisposeAsync();
        if (_rpc is not null) await _rpc.DisposeAsync();
        _client.Dispose();
    }

    private async Task StartWorkerAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(_worker).AddGrpc();
        _rpc = builder.Build();
        _rpc.MapGrpcService<WorkerChannel>();
        await _rpc.StartAsync(cancellationToken);

        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppFolder, "Imagic.Functions.dll"), "--functions-uri", _rpc.Urls.Single(), "--functions-request-id", "request",
                "--functions-worker-id", "worker", "--functions-grpc-max-message-length", $"{int.MaxValue}",
            ])
        {
            UseShellExecute = false,
        };
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = AppFolder;
        foreach (var (name, value) in settings) start.Environment[name] = value;
        _process = Process.Start(start)!;
        var ended = _process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(_worker.Started, ended) == ended) throw new IOException("The app ended before it called its host.");
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var init = await _worker.AskAsync(
            new() { WorkerInitRequest = new() { HostVersion = "4.1048.200", WorkerDirectory = AppFolder, FunctionAppDirectory = AppFolder } },
            cancellationToken);
        Check(init.WorkerInitResponse.Result);
        _workerAddress = init.WorkerInitResponse.Capabilities["HttpUri"];
        await ListensAsync(new(_workerAddress), cancellationToken);
        var answer = await _worker.AskAsync(
            new() { FunctionsMetadataRequest = new() { FunctionAppDirectory = AppFolder } }, cancellationToken);
        Check(answer.FunctionMetadataResponse.Result);
        Functions = answer.FunctionMetadataResponse.FunctionMetadataResults;
        foreach (var function in Functions)
        {
            _ids[function.Name] = function.FunctionId;
            var loaded = await _worker.AskAsync(
                new() { FunctionLoadRequest = new() { FunctionId = function.FunctionId, Metadata = function } }, cancellationToken);
            Check(loaded.FunctionLoadResponse.Result);
        }
    }

    private async Task<WebApplication> StartHttpAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHttpForwarder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = 100 * 1024 * 1024;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        var app = builder.Build();
        foreach (var function in Functions)
        {
            var trigger = JsonNode.Parse(function.RawBindings[0])!;
            if (trigger["methods"]?.AsArray() is { } methods)
                app.MapMethods($"/api/{trigger["route"]}", [.. methods.Select(method => (string)method!)], context => ForwardAsync(function.Name, context));
        }

        await app.StartAsync(cancellationToken);
        return app;
    }

    // At the same time as it says over gRPC that the function is to run, the host passes the request on; the id brings the two together.
    private async Task ForwardAsync(string function, HttpContext context)
    {
        var id = Guid.NewGuid().ToString("D");
        var run = InvokeAsync(
            function, id, context.Request.Headers.TraceParent, new ParameterBinding { Name = "request", Data = new() { Http = new() } },
            CancellationToken.None);
        context.Request.Headers["x-ms-invocation-id"] = id;
        await context.RequestServices.GetRequiredService<IHttpForwarder>().SendAsync(context, _workerAddress!, _client);
        await run;
    }

    private async Task<string?> InvokeAsync(
        string function, string id, string? traceParent, ParameterBinding input, CancellationToken cancellationToken)
    {
        var request = new InvocationRequest { InvocationId = id, FunctionId = _ids[function], TraceContext = new() };
        if (traceParent is not null) request.TraceContext.TraceParent = traceParent;
        request.InputData.Add(input);
        var answer = await _worker.AskAsync(new() { InvocationRequest = request }, cancellationToken);
        var result = answer.InvocationResponse.Result;
        return result.Status == StatusResult.Types.Status.Success ? null : result.Exception?.Message ?? $"{result.Status}";
    }

    // The worker calls its host before its web server is up; the host tries again when a request comes that early.
    private static async Task ListensAsync(Uri address, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(address.Host, address.Port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }
        }
    }

    private static void Check(StatusResult result)
    {
        if (result.Status != StatusResult.Types.Status.Success) throw new IOException($"The app failed: {result.Exception?.Message}");
    }
}
