using Imagic.Contracts.Models;
using Imagic.Diffusion.Packages;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
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
/// <param name="disk">The disk that the folder is on.</param>
/// <param name="time">Tells when a package was used, and when what a dead worker left is old.</param>
/// <param name="logger">Hears of fetches and removals.</param>
internal sealed partial class ModelCache(ModelStore store, string folder, long maxBytes, LocalDisk disk, TimeProvider time, ILogger logger)
{
    private const string PartialMark = ".partial-";

    // The folder of a fetch under way changes all the time; one that has not for so long belongs to nobody.
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(6);

    /// <summary>
    /// Opens a package: fetches it when it is not here, and once more when it is broken. Every byte is hashed, which the
    /// model's identity needs anyway.
    /// </summary>
    /// <exception cref="InvalidDataException">What storage gave is not what the manifest says.</exception>
    /// <exception cref="MachineException">The disk does not hold it.</exception>
    public async Task<CachedModel> OpenAsync(ModelManifest manifest, CancellationToken cancellationToken)
    {
        var home = Path.Combine(folder, manifest.Sha256);
        var package = Path.Combine(home, manifest.Name);
        disk.Do(home, () => Directory.CreateDirectory(folder));
        // Taken before looking: what is looked at cannot be removed any more.
        var use = await FolderUse.ShareAsync(home, disk, time, cancellationToken);
        try
        {
            if (await ProblemAsync(manifest, package, cancellationToken) is { } problem)
            {
                if (Directory.Exists(package)) Broken(logger, manifest.Name, problem);
                disk.Do(home, () => MakeRoom(manifest.Files.Sum(file => file.Length)));
                await FetchAsync(manifest, package, cancellationToken);
            }

            return new(package, use, StampOf(manifest, package));
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    /// <summary>Lengths and times of a package's files: what changes when somebody writes to one.</summary>
    public static string StampOf(ModelManifest manifest, string package) => string.Join(
        '\n', manifest.Files.Select(file => new FileInfo(Path.Combine(package, file.Path))).Select(file => $"{file.Exists} {(file.Exists ? file.Length : 0)} {file.LastWriteTimeUtc.Ticks}"));

    /// <summary>What is wrong with a package on the disk; null when it is what the manifest says.</summary>
    private static async Task<string?> ProblemAsync(ModelManifest manifest, string package, CancellationToken cancellationToken)
    {
        // All lengths first, which cost nothing.
        foreach (var file in manifest.Files)
        {
            var found = new FileInfo(Path.Combine(package, file.Path));
            if (!found.Exists) return $"{file.Path} is missing";
            if (found.Length != file.Length) return $"{file.Path} has {found.Length} of {file.Length} bytes";
        }

        foreach (var file in manifest.Files)
        {
            try
            {
                if (await PackageHash.OfFileAsync(Path.Combine(package, file.Path), cancellationToken) != file.Sha256) return $"{file.Path} has other bytes";
            }
            catch (ModelPackageException exception)
            {
                return exception.Message;
            }
        }

        return null;
    }

    // Fetched beside, verified, renamed: a package appears whole or not at all. In a broken one file after file is
    // replaced, under whoever uses it.
    private async Task FetchAsync(ModelManifest manifest, string package, CancellationToken cancellationToken)
    {
        var home = Path.GetDirectoryName(package)!;
        var partial = $"{home}{PartialMark}{Guid.NewGuid():N}";
        var started = time.GetTimestamp();
        try
        {
            await store.DownloadAsync(manifest, partial, cancellationToken);
            disk.Do(package, () =>
            {
                Directory.CreateDirectory(home);
                if (!Directory.Exists(package)) TryMove(partial, package);
                if (!Directory.Exists(partial)) return;
                foreach (var file in manifest.Files)
                {
                    var path = Path.Combine(package, file.Path);
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    File.Move(Path.Combine(partial, file.Path), path, overwrite: true);
                }
            });
            Fetched(logger, manifest.Name, manifest.Files.Sum(file => file.Length) / 1e6, time.GetElapsedTime(started).TotalSeconds);
        }
        finally
        {
            LocalDisk.TryDelete(partial);
        }
    }

    private static void TryMove(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
        }
        catch (IOException) when (Directory.Exists(to))
        {
            // Another worker of this machine was faster.
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
        foreach (var (home, size) in packages.OrderBy(package => FolderUse.LastOf(package.Home)))
        {
            if (held <= maxBytes) return;
            using var only = FolderUse.TryExclude(home);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "model {Model} is broken in the cache and is fetched again: {Problem}")]
    private static partial void Broken(ILogger logger, string model, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "model {Package} removed from the cache: {Megabytes:F0} MB")]
    private static partial void Removed(ILogger logger, string package, double megabytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the models in use have {Megabytes:F0} MB, the cache should hold {Limit:F0} MB; see --cache-size")]
    private static partial void TooSmall(ILogger logger, double megabytes, double limit);
}

/// <summary>A package in the cache, which stays there until this is disposed.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Use">Keeps it there.</param>
/// <param name="Stamp">Lengths and times of its files as they were verified.</param>
internal sealed record CachedModel(string Folder, FolderUse Use, string Stamp) : IDisposable
{
    public void Dispose() => Use.Dispose();
}
