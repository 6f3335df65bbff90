namespace Imagic.Editing.Checkpoints;

/// <summary>Blobs as files under a folder of this machine.</summary>
/// <param name="root">The folder; made when the first blob is created.</param>
public sealed class FolderCheckpointStore(string root) : ICheckpointStore
{
    private const string Unfinished = ".partial";

    private readonly LocalDisk _disk = new();

    /// <summary>Removes what a run that died had begun to write; for the one run that uses the folder.</summary>
    public void RemoveUnfinished() => _disk.Do(root, () =>
    {
        if (!Directory.Exists(root)) return;
        foreach (var path in Directory.EnumerateFiles(root, $"*{Unfinished}", SearchOption.AllDirectories).ToList()) Remove(path);
    });

    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(root)) return Task.FromResult<IReadOnlyList<string>>([]);
        IReadOnlyList<string> names =
        [
            .. from path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
               where !path.EndsWith(Unfinished, StringComparison.Ordinal)
               let name = Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/')
               where name.StartsWith(prefix, StringComparison.Ordinal)
               orderby name
               select name,
        ];
        return Task.FromResult(names);
    }

    public async Task CreateAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        var partial = path + Unfinished;
        if (File.Exists(path)) throw new IOException($"There is a file {path} already.");
        // All of it is the disk's: what is written comes from memory.
        await _disk.DoAsync(path, async () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            try
            {
                await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
                {
                    await write(file, cancellationToken);
                    file.Flush(flushToDisk: true);
                }

                File.Move(partial, path, overwrite: false);
                return 0;
            }
            finally
            {
                File.Delete(partial);
            }
        });
    }

    public Task<string> FetchAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        return File.Exists(path)
            ? Task.FromResult(path)
            : throw new FileNotFoundException($"There is no '{name}' under {root}.", path);
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        _disk.Do(PathOf(name), () => Remove(PathOf(name)));
        return Task.CompletedTask;
    }

    private static void Remove(string path)
    {
        if (File.Exists(path)) File.Delete(path);
        var folder = Path.GetDirectoryName(path)!;
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    private string PathOf(string name) => Path.Combine(root, name);
}
