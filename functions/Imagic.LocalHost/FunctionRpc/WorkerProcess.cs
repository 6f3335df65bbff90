using Imagic.LocalHost.Processes;
using Imagic.Storage;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.FunctionRpc;

/// <summary>One start of the worker: the process, and what it answers over its channel.</summary>
internal sealed partial class WorkerProcess : IAsyncDisposable
{
    private const string HostVersion = "4.1048.200";

    private readonly FunctionApp _app;
    private readonly TimeProvider _time;
    private readonly WorkerChannel _channel;
    private readonly ChildProcess _process;
    private readonly TaskCompletionSource<string> _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkerProcess(FunctionApp app, TimeProvider time, WorkerChannel channel, ChildProcess process) =>
        (_app, _time, _channel, _process) = (app, time, channel, process);

    public int Id => _process.Id;

    /// <summary>Where it takes HTTP requests. Known, as the functions are, once it is loaded.</summary>
    public Uri Address { get; private set; } = null!;

    public IReadOnlyList<FunctionDefinition> Functions { get; private set; } = [];

    /// <summary>Ends with the exit code.</summary>
    public Task<int> Exited => _process.Exited;

    /// <summary>Ends with the reason when somebody wants another process in its place.</summary>
    public Task<string> Replaced => _replaced.Task;

    public static async Task<WorkerProcess> StartAsync(
        FunctionApp app, LocalHostOptions options, Uri hostAddress, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger("Imagic.LocalHost.Worker");
        var channel = new WorkerChannel(loggers);
        try
        {
            await channel.ListenAsync(cancellationToken);
            string[] arguments =
            [
                app.WorkerPath, "--functions-uri", channel.Address, "--functions-worker-id", Guid.NewGuid().ToString("D"),
                "--functions-request-id", Guid.NewGuid().ToString("D"), "--functions-grpc-max-message-length", $"{int.MaxValue}",
            ];
            return new(app, time, channel, await ChildProcess.StartAsync(new(app.Executable, arguments, app.Folder)
            {
                Environment = Variables(app, options, hostAddress),
                Output = line => LogOutput(logger, line),
                Error = line => LogError(logger, line),
            }));
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until it has called, asks for its functions, and has them loaded.</summary>
    /// <returns>Null, or why that cannot be.</returns>
    public async Task<string?> LoadAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var tooLate = new CancellationTokenSource(patience, _time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLate.Token);
        try
        {
            var loading = LoadAsync(deadline.Token);
            if (await Task.WhenAny(loading, Exited) == loading)
            {
                await loading;
                return null;
            }

            var exitCode = await Exited;
            return $"it ended with exit code {exitCode} before its functions were loaded";
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"it did not load its functions within {patience.TotalSeconds:0.#} s";
        }
    }

    /// <summary>Runs a function. One that runs longer than it may takes the process down.</summary>
    /// <returns>Null, or why the function failed.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<string?> InvokeAsync(FunctionDefinition function, InvocationRequest request, CancellationToken cancellationToken)
    {
        request.FunctionId = function.Id;
        using var tooLong = _app.FunctionTimeout is { } limit ? new CancellationTokenSource(limit, _time) : new();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLong.Token);
        try
        {
            var answer = await _channel.AskAsync(new() { InvocationRequest = request }, either.Token);
            return Problem(answer.InvocationResponse.Result);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var problem = $"{function.Name} ran longer than its functionTimeout of {_app.FunctionTimeout}";
            _replaced.TrySetResult(problem);
            return problem;
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
    }

    public Task<int> StopAsync(TimeSpan grace) => _process.StopAsync(grace, _time);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _channel.DisposeAsync();
    }

    private static Dictionary<string, string> Variables(FunctionApp app, LocalHostOptions options, Uri hostAddress)
    {
        var variables = new Dictionary<string, string>();
        foreach (var name in new[] { StorageOptions.Connection, "AzureWebJobsStorage" })
        {
            if (options.Storage.ConnectionString is { } connectionString) variables[name] = connectionString;
            if (options.Storage.BlobServiceUri is { } blobs) variables[$"{name}__blobServiceUri"] = blobs.AbsoluteUri;
            if (options.Storage.QueueServiceUri is { } queues) variables[$"{name}__queueServiceUri"] = queues.AbsoluteUri;
            if (options.Storage.ClientId is { } client) variables[$"{name}__clientId"] = client;
        }

        foreach (var (name, value) in options.Settings) variables[name] = value;
        // These are the host's to say.
        variables["FUNCTIONS_WORKER_RUNTIME"] = "dotnet-isolated";
        variables["FUNCTIONS_WORKER_DIRECTORY"] = app.Folder;
        variables["FUNCTIONS_APPLICATION_DIRECTORY"] = app.Folder;
        variables["WEBSITE_HOSTNAME"] = hostAddress.Authority;
        return variables;
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _channel.Started.WaitAsync(cancellationToken);
        var init = (await _channel.AskAsync(
            new() { WorkerInitRequest = new() { HostVersion = HostVersion, WorkerDirectory = _app.Folder, FunctionAppDirectory = _app.Folder } },
            cancellationToken)).WorkerInitResponse;
        Check(init.Result);
        Address = new(init.Capabilities.TryGetValue("HttpUri", out var address)
            ? address
            : throw new FunctionAppException("The worker takes no HTTP requests; it must use ConfigureFunctionsWebApplication."));
        await LocalPort.AnswersAsync(Address.Port, cancellationToken);
        var metadata = (await _channel.AskAsync(
            new() { FunctionsMetadataRequest = new() { FunctionAppDirectory = _app.Folder } }, cancellationToken)).FunctionMetadataResponse;
        Check(metadata.Result);
        if (metadata.FunctionMetadataResults.Count == 0) throw new FunctionAppException($"There is no function in {_app.Folder}.");
        Functions = [.. metadata.FunctionMetadataResults.Select(FunctionDefinition.Read)];
        foreach (var function in metadata.FunctionMetadataResults)
        {
            var loaded = await _channel.AskAsync(
                new() { FunctionLoadRequest = new() { FunctionId = function.FunctionId, Metadata = function } }, cancellationToken);
            Check(loaded.FunctionLoadResponse.Result);
        }
    }

    private static void Check(StatusResult result)
    {
        if (Problem(result) is { } problem) throw new IOException(problem);
    }

    private static string? Problem(StatusResult result) =>
        result.Status == StatusResult.Types.Status.Success ? null : result.Exception?.Message ?? $"{result.Status}";

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    private static partial void LogOutput(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Line}")]
    private static partial void LogError(ILogger logger, string line);
}
