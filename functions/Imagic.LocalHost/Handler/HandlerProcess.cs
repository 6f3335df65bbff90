using Imagic.LocalHost.Azurite;
using Imagic.LocalHost.Processes;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Handler;

/// <summary>One start of the handler.</summary>
internal sealed partial class HandlerProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyPollInterval = TimeSpan.FromMilliseconds(25);

    private readonly ChildProcess _process;
    private readonly TaskCompletionSource<string> _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HandlerProcess(ChildProcess process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Ends with the exit code.</summary>
    public Task<int> Exited => _process.Exited;

    /// <summary>Ends with the reason when somebody wants another process in its place.</summary>
    public Task<string> Replaced => _replaced.Task;

    /// <summary>Starts it.</summary>
    public static async Task<HandlerProcess> StartAsync(App.FunctionApp app, LocalHostOptions options, Uri hostAddress, ILogger logger)
    {
        var port = AzuriteProcess.FreePort();
        var process = await ChildProcess.StartAsync(new(app.Host.Executable, app.Host.Arguments, app.Host.WorkingDirectory)
        {
            Environment = HandlerEnvironment.Create(options, app.Folder, port, Guid.NewGuid(), hostAddress),
            Output = line => LogOutput(logger, line),
            Error = line => LogError(logger, line),
        });
        return new(process, new($"http://127.0.0.1:{port}/"));
    }

    /// <summary>Waits until it answers anything at all on <c>/</c>.</summary>
    /// <returns>Null, or why it will not.</returns>
    public async Task<string?> WaitReadyAsync(HttpMessageInvoker client, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        using var tooLate = new CancellationTokenSource(patience, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLate.Token);
        try
        {
            while (!Exited.IsCompleted)
            {
                if (await AnswersAsync(client, deadline.Token)) return null;
                await Task.Delay(ReadyPollInterval, deadline.Token);
            }

            var exitCode = await Exited;
            return $"it ended with exit code {exitCode} before it answered";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"it did not answer GET {Address} within {patience.TotalSeconds:0.#} s";
        }
    }

    /// <summary>Says that another process must take its place.</summary>
    public void Replace(string reason) => _replaced.TrySetResult(reason);

    /// <summary>Ends it.</summary>
    public Task<int> StopAsync(TimeSpan grace, TimeProvider time) => _process.StopAsync(grace, time);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<bool> AnswersAsync(HttpMessageInvoker client, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Address);
            using var response = await client.SendAsync(request, cancellationToken);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    private static partial void LogOutput(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Line}")]
    private static partial void LogError(ILogger logger, string line);
}
