using Imagic.Editing;
using Imagic.Storage.Resilience;

namespace Imagic.Worker;

/// <summary>
/// The use of a folder, seen by all workers of the machine: a lock on a small file beside it, which the system releases
/// when a process dies. Where the folder's name comes again the file stays: a lock on a file that was removed meanwhile
/// would exclude nobody.
/// </summary>
internal sealed class FolderUse : IDisposable
{
    public const string Suffix = ".lock";

    // Who removes a folder has it for that long at most.
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(1);

    private readonly FileStream _lock;

    private FolderUse(FileStream taken) => _lock = taken;

    /// <summary>Uses a folder, beside others that use it; waits out whoever is removing it just now.</summary>
    /// <exception cref="MachineException">It stays locked, or there can be no lock.</exception>
    public static Task<FolderUse> ShareAsync(string folder, LocalDisk disk, TimeProvider time, CancellationToken cancellationToken) => disk.DoAsync(PathOf(folder), async () =>
    {
        // For reading and shared with readers: the one way to share that Unix systems enforce.
        var taken = await ResiliencePipelines.Readiness(time, WaitLimit, IsLocked)
            .ExecuteAsync(_ => ValueTask.FromResult(Open(folder, FileAccess.Read, FileShare.Read)), cancellationToken);
        File.SetLastWriteTimeUtc(PathOf(folder), time.GetUtcNow().UtcDateTime);
        return new FolderUse(taken);
    });

    /// <summary>Uses a folder alone; null when somebody uses it.</summary>
    public static FolderUse? TryExclude(string folder)
    {
        try
        {
            return new(Open(folder, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (IsLocked(exception))
        {
            return null;
        }
    }

    public static DateTime LastOf(string folder) => File.GetLastWriteTimeUtc(PathOf(folder));

    public void Dispose() => _lock.Dispose();

    public static string PathOf(string folder) => folder + Suffix;

    private static FileStream Open(string folder, FileAccess access, FileShare share) => new(PathOf(folder), FileMode.OpenOrCreate, access, share);

    // EWOULDBLOCK of Linux and macOS, ERROR_SHARING_VIOLATION of Windows: any other failure stays what it is.
    private static bool IsLocked(Exception exception) => exception is IOException { HResult: 11 or 35 or unchecked((int)0x80070020) };
}
