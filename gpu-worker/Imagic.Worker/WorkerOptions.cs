using System.Collections.Immutable;
using Imagic.Contracts.Models;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Storage.Signing;
using Imagic.Worker.Models.Hub;

namespace Imagic.Worker;

/// <summary>How a worker works; nothing here changes a picture but threads, device and precision in the last bits.</summary>
public sealed record WorkerOptions
{
    /// <summary>Stages whose queues are served, in the order in which they are asked.</summary>
    public ImmutableArray<EditStage> Stages { get; init; } = [.. Enum.GetValues<EditStage>().Reverse()];

    /// <summary>End after one message, or when there is none.</summary>
    public bool Once { get; init; }

    /// <summary>Folder with model packages; null takes those that ship with the program, and those that were pulled.</summary>
    public string? ModelsFolder { get; init; }

    /// <summary>Models that may be asked for; those named by where they are on a hub are fetched from there.</summary>
    public ImmutableArray<ModelEntry> Models { get; init; } = [];

    /// <summary>The hub.</summary>
    public HubOptions Hub { get; init; } = new();

    /// <summary>Folder for packages that are fetched from storage, and for checkpoints while they are read.</summary>
    public string CacheFolder { get; init; } = Path.Combine(Path.GetTempPath(), "imagic");

    /// <summary>Bytes that fetched packages may take in <see cref="CacheFolder"/>; the one in use stays in any case.</summary>
    public long CacheBytes { get; init; } = 20_000_000_000;

    /// <summary>What the models compute with.</summary>
    public required ComputeOptions Compute { get; init; }

    /// <summary>How long a message is hidden from others; renewed every third of that.</summary>
    public TimeSpan Visibility { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>When checkpoints are written.</summary>
    public CheckpointPolicy Checkpoints { get; init; } = new CheckpointPolicy.YoungDaly(TimeSpan.FromHours(1));

    /// <summary>Time from a stop signal to the end of the process. Container Apps and spot machines kill after 30 s.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(22);

    /// <summary>Claims of a stage that may come to nothing, one after the other.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>
    /// Claims that may end for want of disk, memory or a device, one after the other, before the edit fails since no worker
    /// can do it. Not the message's deliveries: those count preemptions too. With the pauses below a quarter of an hour.
    /// </summary>
    public int MaxMachineFaults { get; init; } = 20;

    /// <summary>Times that an edit may go back to an earlier stage.</summary>
    public int MaxRestarts { get; init; } = 3;

    /// <summary>Pause after the first failed attempt; doubled with each further one, up to a minute.</summary>
    public TimeSpan AttemptBackoff { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether a package's safety checker, if it has one, is asked which results are withheld.</summary>
    public bool CheckSafety { get; init; } = true;

    /// <summary>Whether results carry the invisible watermark.</summary>
    public bool Watermark { get; init; } = true;

    /// <summary>What results are signed with.</summary>
    public SigningOptions Signing { get; init; } = new();

    /// <summary>Training steps between two pictures of the current reconstruction; 0 makes none.</summary>
    public int PreviewInterval { get; init; } = 25;

    /// <summary>Longest pause between two looks at the queues.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Name of this worker in records and logs.</summary>
    public string Name { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>Checks every value.</summary>
    /// <exception cref="BadInputException">One is out of range.</exception>
    public void Validate()
    {
        Require(!Stages.IsDefaultOrEmpty, $"--stages names no stage; there are {EnumNames.List<EditStage>()}");
        Require(Visibility >= TimeSpan.FromSeconds(1) && Visibility <= TimeSpan.FromDays(7), "--visibility must lie in 1 s to 7 days");
        Require(StopWithin > TimeSpan.Zero, "--stop-within must be positive");
        Require(MaxAttempts >= 1, "--max-attempts must be at least 1");
        Require(CacheBytes >= 0, "--cache-size must not be negative");
        Require(PreviewInterval >= 0, "--preview must not be negative");
        Require(ModelsFolder is null || Directory.Exists(ModelsFolder), $"there is no folder of models '{ModelsFolder}'");

        static void Require(bool condition, string rule)
        {
            if (!condition) throw new BadInputException($"{rule}.");
        }
    }
}
