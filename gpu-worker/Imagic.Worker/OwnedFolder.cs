using Imagic.Editing;

namespace Imagic.Worker;

/// <summary>
/// A folder for what one process needs for a while. Those of processes that were killed are removed by the next one; the
/// folder of a living process is locked.
/// </summary>
public sealed class OwnedFolder : IDisposable
{
    private readonly FolderUse _use;

    private OwnedFolder(string path, FolderUse use) => (Path, _use) = (path, use);

    public string Path { get; }

    /// <summary>Makes one.</summary>
    /// <param name="root">Folder that holds such folders and nothing else.</param>
    /// <param name="disk">The disk.</param>
    /// <exception cref="MachineException">Nothing can be written there.</exception>
    public static OwnedFolder Create(string root, LocalDisk disk) => disk.Do(System.IO.Path.Combine(root, "*"), () =>
    {
        Directory.CreateDirectory(root);
        foreach (var folder in Directory.EnumerateFileSystemEntries(root).Select(Owned).Distinct().ToList()) RemoveDead(folder);
        while (true)
        {
            var path = System.IO.Path.Combine(root, Guid.NewGuid().ToString("N"));
            // Null only when another process, which has just seen the file, takes it for a dead one's.
            if (FolderUse.TryExclude(path) is not { } use) continue;
            try
            {
                Directory.CreateDirectory(path);
                Probe(System.IO.Path.Combine(path, "probe"));
                return new OwnedFolder(path, use);
            }
            catch
            {
                use.Dispose();
                throw;
            }
        }
    });

    public void Dispose()
    {
        LocalDisk.TryDelete(Path);
        _use.Dispose();
        LocalDisk.TryDelete(FolderUse.PathOf(Path));
    }

    private static string Owned(string entry) => entry.EndsWith(FolderUse.Suffix, StringComparison.Ordinal) ? entry[..^FolderUse.Suffix.Length] : entry;

    private static void RemoveDead(string folder)
    {
        using var use = FolderUse.TryExclude(folder);
        if (use is null) return;
        LocalDisk.TryDelete(folder);
        // Its name never comes again.
        LocalDisk.TryDelete(FolderUse.PathOf(folder));
    }

    // A full disk still makes folders and empty files: better found out before there is work than with it in hand.
    private static void Probe(string path)
    {
        File.WriteAllBytes(path, new byte[1 << 20]);
        File.Delete(path);
    }
}
