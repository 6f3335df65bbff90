using Imagic.Client;
using Imagic.Storage.Resilience;
using Spectre.Console;

namespace Imagic.Cli.Up;

/// <summary>
/// The pipeline that a command talks to: one that is running, or, when there is none at this machine's usual address,
/// one that the command starts for itself and stops at its end.
/// </summary>
/// <param name="server">Where it should be.</param>
/// <param name="own">What to start when nothing answers there; null when it is not this command's to start.</param>
/// <param name="console">Says that one is started.</param>
/// <param name="time">Clock.</param>
internal sealed class PipelineConnection(Uri server, LocalEnvironmentOptions? own, IAnsiConsole console, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(60);

    private readonly FileLog? _log = own is null ? null : new(Path.Combine(Path.GetDirectoryName(own.DataFolder) ?? own.DataFolder, "up.log"), time);

    private readonly CancellationTokenSource _end = new();
    private Task<string>? _failure;

    public Uri Server { get; } = server;

    public ImagicClient Client { get; } = new(ServerOption.Options(server), time);

    /// <summary>What this command started itself; null while somebody else's is used.</summary>
    public LocalEnvironment? Own { get; private set; }

    /// <summary>Finds or starts it.</summary>
    /// <exception cref="BadInputException">Nothing answers, and nothing may be started.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (await Client.IsThereAsync(cancellationToken)) return;
        if (own is null) throw new BadInputException($"No Imagic answers at {Client.Address}. Start it there, or leave out --server.");
        console.WriteLine("Starting a pipeline for this command …");
        await StartOrFindAsync(cancellationToken);
    }

    /// <summary>Calls the API. A server that has gone away is waited for; the one of another command that ended is replaced by an own one.</summary>
    /// <exception cref="IOException">It does not come back.</exception>
    public async Task<T> CallAsync<T>(Func<ImagicClient, Task<T>> call, CancellationToken cancellationToken)
    {
        // Another command's pipeline may come and go as long as one of our own can take its place.
        var patience = own is null ? WaitLimit : TimeSpan.MaxValue;
        try
        {
            return await ResiliencePipelines.Readiness(time, patience, exception => exception is ImagicApiException { IsUnreachable: true })
                .ExecuteAsync(async token => await CallOnceAsync(call, token), cancellationToken);
        }
        catch (ImagicApiException exception) when (exception.IsUnreachable)
        {
            throw new IOException($"{Client.Address} does not answer any more. What was started is kept there; the same command goes on with it.", exception);
        }
    }

    /// <summary>Tells when a part of the own pipeline has ended without which nothing goes on.</summary>
    /// <exception cref="IOException">It has.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is { IsCompletedSuccessfully: true }) throw new IOException($"{_failure.Result} The pipeline's log is {_log!.Path}.");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (Own is not null) await Own.DisposeAsync();
        _log?.Dispose();
        Client.Dispose();
        _end.Dispose();
    }

    private async Task<T> CallOnceAsync<T>(Func<ImagicClient, Task<T>> call, CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        try
        {
            return await call(Client);
        }
        catch (ImagicApiException exception) when (exception.IsUnreachable && Own is not null)
        {
            throw new IOException($"The pipeline that this command started does not answer any more. Its log is {_log!.Path}.", exception);
        }
        catch (ImagicApiException exception) when (exception.IsUnreachable && own is not null)
        {
            await StartOrFindAsync(cancellationToken);
            throw;
        }
    }

    // Somebody else may be starting or stopping one at the same moment: then theirs is used, or their end waited for.
    private async Task StartOrFindAsync(CancellationToken cancellationToken)
    {
        try
        {
            Own = await ResiliencePipelines.Readiness(time, WaitLimit, exception => exception is EnvironmentTakenException)
                .ExecuteAsync(async token => await TryStartAsync(token), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            throw new IOException($"The pipeline did not start: {exception.Message} Its log is {_log!.Path}.", exception);
        }

        _failure = Own?.FailedAsync(_end.Token);
    }

    // Null when somebody else's is there by now.
    private async Task<LocalEnvironment?> TryStartAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await LocalEnvironment.StartAsync(own!, _log!, time, cancellationToken);
        }
        catch (EnvironmentTakenException)
        {
            if (!await Client.IsThereAsync(cancellationToken)) throw;
            return null;
        }
    }
}
