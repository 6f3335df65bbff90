using Imagic.LocalHost.Azurite;

namespace Imagic.Cli.Up;

/// <summary>What a pipeline on this machine consists of.</summary>
internal sealed record LocalEnvironmentOptions
{
    public required int Port { get; init; }

    public required int BlobPort { get; init; }

    public required int QueuePort { get; init; }

    public required string DataFolder { get; init; }

    /// <summary>Somebody named that folder: no storage that keeps its data elsewhere will do.</summary>
    public bool IsDataChosen { get; init; }

    public required string FunctionsFolder { get; init; }

    public int Workers { get; init; } = 1;

    /// <summary>Arguments of every worker, after <c>worker</c>.</summary>
    public IReadOnlyList<string> WorkerArguments { get; init; } = [];

    /// <summary>Models that the API accepts; null leaves it at the function app's own.</summary>
    public string? Models { get; init; }

    /// <summary>Settings of the function app. Whoever calls on this machine is one and the same.</summary>
    public IReadOnlyDictionary<string, string> Settings
    {
        get
        {
            var settings = new Dictionary<string, string> { ["ImagicMaxUnderWayPerCaller"] = "0" };
            if (Models is { } models) settings["ImagicModels"] = models;
            return settings;
        }
    }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>The same, as one types it.</summary>
    public string AddressText => Address.GetLeftPart(UriPartial.Authority);

    /// <summary>Where the browser says that the page is from, by either name of this machine.</summary>
    public IReadOnlyList<string> Origins => [AddressText, $"http://localhost:{Port}"];

    public string ConnectionString => AzuriteProcess.ConnectionString(AzuriteAccount.WellKnown, BlobPort, QueuePort);
}
