using Imagic.LocalHost.Azurite;

namespace Imagic.Cli.Up;

/// <summary>What a pipeline on this machine consists of.</summary>
internal sealed record LocalEnvironmentOptions
{
    /// <summary>Port of the API on 127.0.0.1.</summary>
    public required int Port { get; init; }

    /// <summary>Port of Azurite's blob service.</summary>
    public required int BlobPort { get; init; }

    /// <summary>Port of Azurite's queue service.</summary>
    public required int QueuePort { get; init; }

    /// <summary>Where Azurite keeps its data.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The built function app.</summary>
    public required string FunctionsFolder { get; init; }

    /// <summary>Worker processes.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Arguments of every worker, after <c>worker</c>.</summary>
    public IReadOnlyList<string> WorkerArguments { get; init; } = [];

    /// <summary>Models that the API accepts; null leaves it at the function app's own.</summary>
    public string? Models { get; init; }

    /// <summary>Address of the API.</summary>
    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>The same, as one types it.</summary>
    public string AddressText => Address.GetLeftPart(UriPartial.Authority);

    /// <summary>How to reach the storage.</summary>
    public string ConnectionString => AzuriteProcess.ConnectionString(AzuriteAccount.WellKnown, BlobPort, QueuePort);
}
