using Imagic.Storage.Resilience;

namespace Imagic.Worker.Models;

/// <summary>
/// The use of a cached package, seen by all workers of the machine: a lock on a small file beside the package's folder,
/// which the system releases when a process dies. The file stays; a lock on a file that was removed meanwhile would
/// exclude nobody.
/// </summary>
internal sealed class ModelUse : IDisposable
{
    // Who removes a package has it for that long at most.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private readonly FileStream _lock;

    private ModelUse(FileStream taken) => _lock = taken;

    /// <summary>Uses a package, beside others that use it; waits out whoever is removing it just now.</summary>
    /// <exception cref="IOException">It stays locked, or there can be no lock.</exception>
    public static async Task<ModelUse> ShareAsync(string home, TimeProvider time, CancellationToken cancellationToken)
    {
        // For reading and shared with readers: the one way to share that Unix systems enforce.
        var taken = await ResiliencePipelines.Readiness(time, WaitLimit, IsLocked)
            .ExecuteAsync(_ => ValueTask.FromResult(Open(home, FileAccess.Read, FileShare.Read)), cancellationToken);
        File.SetLastWriteTimeUtc(PathOf(home), time.GetUtcNow().UtcDateTime);
        return new(taken);
    }

    /// <summary>Uses a package alone; null when somebody uses it.</summary>
    public static ModelUse? TryExclude(string home)
    {
        try
        {
            return new(Open(home, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception exception) when (IsLocked(exception))
        {
            return null;
        }
    }

    public static DateTime LastOf(string home) => File.GetLastWriteTimeUtc(PathOf(home));

    public void Dispose() => _lock.Dispose();

    private static string PathOf(string home) => home + ".lock";

    private static FileStream Open(string home, FileAccess access, FileShare share) => new(PathOf(home), FileMode.OpenOrCreate, access, share);

    private static bool IsLocked(Exception exception) => exception is IOException and not (DirectoryNotFoundException or PathTooLongException);
}
