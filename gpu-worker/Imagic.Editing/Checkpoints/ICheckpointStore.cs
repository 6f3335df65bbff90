namespace Imagic.Editing.Checkpoints;

/// <summary>
/// Named immutable blobs under one edit. Names are relative, with '/' between parts, such as
/// <c>optimize/0001-000040/manifest.json</c>.
/// </summary>
public interface ICheckpointStore
{
    /// <summary>Names of all complete blobs that start with <paramref name="prefix"/>.</summary>
    Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>
    /// Creates a blob. It appears whole or not at all, and is durable when the task ends.
    /// </summary>
    /// <param name="name">Name of the blob.</param>
    /// <param name="write">Writes the content; called once.</param>
    /// <param name="cancellationToken">Gives up; nothing appears then.</param>
    /// <exception cref="IOException">A blob of that name exists.</exception>
    Task CreateAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

    /// <summary>Brings a blob to this machine and gives the path of a file with its content.</summary>
    /// <exception cref="FileNotFoundException">There is no such blob.</exception>
    Task<string> FetchAsync(string name, CancellationToken cancellationToken);

    /// <summary>Deletes a blob; one that is gone already is no error.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}
