namespace Imagic.Editing.Checkpoints;

/// <summary>Blobs as files under a folder of this machine.</summary>
/// <param name="root">The folder; made when the first blob is created.</param>
public sealed class FolderCheckpointStore(string root) : ICheckpointStore
{
    private const string Unfinished = ".partial";

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
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = path + Unfinished;
        try
        {
            await using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
            {
                await write(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: false);
        }
        finally
        {
            File.Delete(partial);
        }
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
        var path = PathOf(name);
        if (File.Exists(path)) File.Delete(path);
        var folder = Path.GetDirectoryName(path)!;
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        return Task.CompletedTask;
    }

    private string PathOf(string name) => Path.Combine(root, name);
}
