using Imagic.Contracts.Models;
using Imagic.Editing;
using Imagic.Storage.Resilience;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Models.Hub;

/// <summary>
/// Models that the operator named by where they are on a hub: the first worker that needs one puts it into storage, and
/// from then on it is like any other there. Workers of several machines may do that at once, without harm.
/// </summary>
internal sealed partial class HubModels(ModelStore store, WorkerOptions options, LocalDisk disk, TimeProvider time, ILogger logger)
{
    private readonly string _root = Path.Combine(options.CacheFolder, "hub");

    /// <summary>The package of that name in storage; null when it is neither there nor on a hub.</summary>
    /// <exception cref="HubException">The hub does not give it.</exception>
    public async Task<ModelManifest?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var stored = await store.FindAsync(name, cancellationToken);
        if (options.Models.FirstOrDefault(entry => entry.Name == name)?.Hub is not { } hub || stored?.Source == SourceOf(hub)) return stored;
        disk.Do(_root, () => Directory.CreateDirectory(_root));
        // Other workers of this machine wait, and then find it.
        using var only = await ResiliencePipelines.Readiness(time, TimeSpan.MaxValue, exception => exception is TakenException).ExecuteAsync(
            _ => ValueTask.FromResult(disk.Do(_root, () => FolderUse.TryExclude(Path.Combine(_root, name))) ?? throw new TakenException()), cancellationToken);
        stored = await store.FindAsync(name, cancellationToken);
        return stored?.Source == SourceOf(hub) ? stored : await StoreAsync(name, hub, cancellationToken);
    }

    private async Task<ModelManifest> StoreAsync(string name, HubReference hub, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(_root, name);
        using var client = new HubClient(options.Hub, time);
        var plan = await HubPlan.MakeAsync(client, hub, null, cancellationToken);
        Fetching(logger, name, hub, plan.Model.Commit, plan.Bytes / 1e6, plan.Model.License ?? "not named");
        var pulled = await new HubPull(client, folder, disk, time).RunAsync(plan, name, null, cancellationToken);
        var manifest = await store.PushAsync(name, pulled.Package, null, cancellationToken, SourceOf(hub));
        LocalDisk.TryDelete(folder);
        Stored(logger, name, manifest.Sha256);
        return manifest;
    }

    private static string SourceOf(HubReference hub) => $"hub:{hub}";

    [LoggerMessage(Level = LogLevel.Information, Message = "model {Model} is fetched from the hub: {Hub}, commit {Commit}, {Megabytes:F0} MB, licence {License}")]
    private static partial void Fetching(ILogger logger, string model, HubReference hub, string commit, double megabytes, string license);

    [LoggerMessage(Level = LogLevel.Information, Message = "model {Model} from the hub is in storage, sha256 {Sha256}")]
    private static partial void Stored(ILogger logger, string model, string sha256);

    private sealed class TakenException() : IOException("Another worker of this machine fetches it.");
}
