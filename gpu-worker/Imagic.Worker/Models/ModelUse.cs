namespace Imagic.Worker.Models;

/// <summary>
/// The use of a cached package, seen by all workers of the machine: a lock on a small file beside the package's folder,
/// which the system releases when a process dies. The file stays; a lock on a file that was removed meanwhile would
/// exclude nobody.
/// </summary>
internal sealed class ModelUse : IDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    private readonly FileStream _lock;

    private ModelUse(FileStream taken) => _lock = taken;

    /// <summary>Uses a package, beside others that use it; waits out whoever is removing it just now.</summary>
    public static async Task<ModelUse> ShareAsync(string home, TimeProvider clock, CancellationToken cancellationToken)
    {
        // For reading and shared with readers: the one way to share that Unix systems enforce.
        FileStream? taken;
        while ((taken = TryOpen(home, FileAccess.Read, FileShare.Read)) is null) await Task.Delay(Glance, clock, cancellationToken);
        File.SetLastWriteTimeUtc(PathOf(home), clock.GetUtcNow().UtcDateTime);
        return new(taken);
    }

    /// <summary>Uses a package alone; null when somebody uses it.</summary>
    public static ModelUse? TryExclude(string home) =>
        TryOpen(home, FileAccess.ReadWrite, FileShare.None) is { } taken ? new(taken) : null;

    /// <summary>When its last use began.</summary>
    public static DateTime LastOf(string home) => File.GetLastWriteTimeUtc(PathOf(home));

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static string PathOf(string home) => home + ".lock";

    private static FileStream? TryOpen(string home, FileAccess access, FileShare share)
    {
        try
        {
            return new(PathOf(home), FileMode.OpenOrCreate, access, share);
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException))
        {
            return null; // locked
        }
    }
}
