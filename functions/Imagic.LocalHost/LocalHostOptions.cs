using Imagic.Storage;

namespace Imagic.LocalHost;

/// <summary>What the local host runs, and how patient it is. The times are those of the real host.</summary>
public sealed record LocalHostOptions
{
    /// <summary>Folder of the built function app, with its <c>host.json</c> and <c>worker.config.json</c>.</summary>
    public required string AppFolder { get; init; }

    /// <summary>Port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; } = 7071;

    /// <summary>The storage account whose queues and containers are watched.</summary>
    public required StorageOptions Storage { get; init; }

    /// <summary>Settings of the app: environment of the worker.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Time between two looks at the containers.</summary>
    public TimeSpan EventPollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time from the start of the worker until its functions are loaded.</summary>
    public TimeSpan WorkerReadyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time that running functions, and then the worker, have to end when the host stops.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);
}
