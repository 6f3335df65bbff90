using Imagic.Client;
using Imagic.LocalHost;
using Imagic.LocalHost.Azurite;
using Imagic.LocalHost.Processes;
using Imagic.Storage;
using Microsoft.Extensions.Logging;

namespace Imagic.Cli.Up;

/// <summary>
/// The whole pipeline on this machine: storage emulator, function app, workers. It ends as one, in the order in which
/// nothing is lost: workers leave their checkpoints while there is still storage to put them in.
/// </summary>
internal sealed class LocalEnvironment : IAsyncDisposable
{
    private readonly EnvironmentLog _log;
    private readonly DataFolderLock _lock;
    private readonly List<WorkerSupervisor> _workers = [];
    private ILoggerFactory? _loggers;
    private AzuriteProcess? _azurite;
    private LocalFunctionsHost? _host;

    private LocalEnvironment(LocalEnvironmentOptions options, DataFolderLock folderLock, EnvironmentLog log)
    {
        (Options, _lock, _log) = (options, folderLock, log);
        Account = new(new StorageOptions { ConnectionString = options.ConnectionString });
    }

    public LocalEnvironmentOptions Options { get; }

    public StorageAccount Account { get; }

    /// <summary>Whether the storage was there before, and stays.</summary>
    public bool IsStorageShared => _azurite is null;

    /// <summary>Starts everything; returns once the API answers.</summary>
    /// <exception cref="EnvironmentTakenException">The data folder or a port is in use by another pipeline.</exception>
    /// <exception cref="BadInputException">The port is in use by something else.</exception>
    /// <exception cref="IOException">A part did not start. None is left behind.</exception>
    public static async Task<LocalEnvironment> StartAsync(LocalEnvironmentOptions options, EnvironmentLog log, TimeProvider time, CancellationToken cancellationToken)
    {
        await CheckPortAsync(options, time, cancellationToken);
        var taken = DataFolderLock.TryTake(options.DataFolder)
            ?? throw new EnvironmentTakenException($"Another pipeline uses the storage in {options.DataFolder}. Stop it, or choose another --data, --port, --blob-port and --queue-port.");
        var environment = new LocalEnvironment(options, taken, log);
        try
        {
            await environment.StartPartsAsync(time, cancellationToken);
            return environment;
        }
        catch
        {
            await environment.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends, with the reason, when a part without which nothing goes on has ended; never otherwise.</summary>
    public async Task<string> FailedAsync(CancellationToken cancellationToken)
    {
        var never = Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        var storage = _azurite?.Exited ?? never;
        List<Task> running = [never, storage, _host!.Completion, .. _workers.Select(worker => worker.Ended)];
        while (true)
        {
            var ended = await Task.WhenAny(running);
            cancellationToken.ThrowIfCancellationRequested();
            if (ended == storage) return "The storage emulator has ended.";
            if (ended == _host.Completion)
                return _host.Completion.Exception?.InnerException is { } exception ? $"The function app has ended: {exception.Message}" : "The function app has ended.";
            if (await (Task<string?>)ended is { } reason) return reason;
            running.Remove(ended);
        }
    }

    /// <summary>Stops the workers: each leaves a checkpoint of what it was at.</summary>
    public Task StopWorkersAsync() => Task.WhenAll(_workers.Select(worker => worker.StopAsync()));

    public async ValueTask DisposeAsync()
    {
        await StopWorkersAsync();
        foreach (var worker in _workers) await worker.DisposeAsync();
        if (_host is not null) await _host.DisposeAsync();
        if (_azurite is not null) await _azurite.DisposeAsync();
        _loggers?.Dispose();
        _lock.Dispose();
    }

    private static async Task CheckPortAsync(LocalEnvironmentOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await LocalPort.IsTakenAsync(options.Port, cancellationToken)) return;
        using var client = new ImagicClient(new() { Address = options.Address }, time);
        throw await client.IsThereAsync(cancellationToken)
            ? new EnvironmentTakenException($"Imagic is already up at {options.AddressText}.")
            : new BadInputException($"Port {options.Port} is in use by another program. Choose another with --port.");
    }

    private async Task EnsureStorageAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Account.EnsureCreatedAsync(cancellationToken);
            await Account.AllowPagesAsync(Options.Origins, keepOthers: IsStorageShared, cancellationToken);
        }
        catch (Exception exception) when (IsStorageShared && StorageErrors.IsStorageError(exception))
        {
            throw new BadInputException(
                $"What answers on ports {Options.BlobPort} and {Options.QueuePort} is no storage emulator that can be used. End it, and an own one is started.");
        }
    }

    private async Task StartPartsAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var (blobs, queues) = (
            await LocalPort.IsTakenAsync(Options.BlobPort, cancellationToken),
            await LocalPort.IsTakenAsync(Options.QueuePort, cancellationToken));
        if (blobs != queues)
            throw new BadInputException($"Port {(blobs ? Options.BlobPort : Options.QueuePort)}, which the storage emulator needs, is in use by another program. End that one first.");
        if (blobs && Options.IsDataChosen)
        {
            throw new EnvironmentTakenException(
                $"The storage that answers on ports {Options.BlobPort} and {Options.QueuePort} was running before and keeps its data elsewhere than in {Options.DataFolder}. "
                + "Choose other ports with --blob-port and --queue-port, or leave out --data to share that storage.");
        }

        if (!blobs)
        {
            _azurite = await AzuriteProcess.StartAsync(
                Options.DataFolder, Options.BlobPort, Options.QueuePort, [AzuriteAccount.WellKnown], cancellationToken);
        }

        await EnsureStorageAsync(cancellationToken);
        _loggers = _log.CreateLoggers("functions");
        for (var i = 1; i <= Options.Workers; i++)
            _workers.Add(WorkerSupervisor.Start(Options.Workers == 1 ? "worker" : $"worker {i}", Options, _log, time));
        _host = await LocalFunctionsHost.StartAsync(
            new()
            {
                AppFolder = Options.FunctionsFolder,
                Port = Options.Port,
                Storage = new() { ConnectionString = Options.ConnectionString },
                Settings = Options.Settings,
            },
            _loggers, time, cancellationToken);
    }
}

/// <summary>A pipeline is there already; the sentence says where.</summary>
internal sealed class EnvironmentTakenException(string message) : ImagicException("environment-taken", FaultKind.BadInput, message);
