using Imagic.Contracts.Models;
using Microsoft.Extensions.Logging;

namespace Imagic.Worker.Models;

/// <summary>
/// Packages fetched from storage, on this machine's disk: a folder each, named by the package's hash, and in it one that
/// has its name. Together they stay below a size; the one that was used longest ago goes first, and one that any worker of
/// this machine uses stays.
/// </summary>
/// <param name="store">Where they come from.</param>
/// <param name="folder">Where they are kept; workers of one machine may share it.</param>
/// <param name="maxBytes">Size that all together may have; the package in use is kept even if it alone is larger.</param>
/// <param name="time">Tells when a package was used, and when what a dead worker left is old.</param>
/// <param name="logger">Hears of fetches and removals.</param>
internal sealed partial class ModelCache(ModelStore store, string folder, long maxBytes, TimeProvider time, ILogger logger)
{
    private const string PartialMark = ".partial-";

    // The folder of a fetch under way changes all the time; one that has not for so long belongs to nobody.
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(6);

    /// <summary>Opens a package, fetching it when it is not here; null when storage has none of that name.</summary>
    /// <exception cref="InvalidDataException">What storage gave is not what the manifest says.</exception>
    public async Task<CachedModel?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(name, cancellationToken) is not { } manifest) return null;
        var home = Path.Combine(folder, manifest.Sha256);
        var package = Path.Combine(home, name);
        Directory.CreateDirectory(folder);
        // Taken before looking: what is looked at cannot be removed any more.
        var use = await ModelUse.ShareAsync(home, time, cancellationToken);
        try
        {
            if (!Directory.Exists(package))
            {
                MakeRoom(manifest.Files.Sum(file => file.Length));
                await FetchAsync(manifest, package, cancellationToken);
            }

            return new(package, use);
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    // Appears whole or not at all: fetched beside, verified, renamed.
    private async Task FetchAsync(ModelManifest manifest, string package, CancellationToken cancellationToken)
    {
        var home = Path.GetDirectoryName(package)!;
        var partial = $"{home}{PartialMark}{Guid.NewGuid():N}";
        var started = time.GetTimestamp();
        try
        {
            await store.DownloadAsync(manifest, partial, cancellationToken);
            Directory.CreateDirectory(home);
            try
            {
                Directory.Move(partial, package);
            }
            catch (IOException) when (Directory.Exists(package))
            {
                // Another worker of this machine was faster.
            }

            Fetched(logger, manifest.Name, manifest.Files.Sum(file => file.Length) / 1e6, time.GetElapsedTime(started).TotalSeconds);
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }

    private void MakeRoom(long bytes)
    {
        var packages = new List<(string Home, long Bytes)>();
        foreach (var home in Directory.EnumerateDirectories(folder))
        {
            var isPartial = home.Contains(PartialMark, StringComparison.Ordinal);
            if (!isPartial) packages.Add((home, SizeOf(home)));
            else if (time.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(home) > Abandoned) Directory.Delete(home, recursive: true);
        }

        var held = packages.Sum(package => package.Bytes) + bytes;
        foreach (var (home, size) in packages.OrderBy(package => ModelUse.LastOf(package.Home)))
        {
            if (held <= maxBytes) return;
            using var only = ModelUse.TryExclude(home);
            if (only is null) continue;
            Directory.Delete(home, recursive: true);
            held -= size;
            Removed(logger, Path.GetFileName(home), size / 1e6);
        }

        if (held > maxBytes) TooSmall(logger, held / 1e6, maxBytes / 1e6);
    }

    private static long SizeOf(string home)
    {
        try
        {
            return new DirectoryInfo(home).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            return 0; // another worker is removing it
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "model {Model} fetched from storage: {Megabytes:F0} MB in {Seconds:F1} s")]
    private static partial void Fetched(ILogger logger, string model, double megabytes, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "model {Package} removed from the cache: {Megabytes:F0} MB")]
    private static partial void Removed(ILogger logger, string package, double megabytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the models in use have {Megabytes:F0} MB, the cache should hold {Limit:F0} MB; see --cache-size")]
    private static partial void TooSmall(ILogger logger, double megabytes, double limit);
}

/// <summary>A package in the cache, which stays there until this is disposed.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Use">Keeps it there.</param>
internal sealed record CachedModel(string Folder, ModelUse Use) : IDisposable
{
    public void Dispose() => Use.Dispose();
}
