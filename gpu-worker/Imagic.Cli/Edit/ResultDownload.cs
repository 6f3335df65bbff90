using System.Collections.Concurrent;
using System.Security.Cryptography;
using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Results;

namespace Imagic.Cli.Edit;

/// <summary>Fetches all that an edit has left, and believes nothing that does not have the hash which the manifest says.</summary>
internal static class ResultDownload
{
    private const int Parallel = 4;

    /// <summary>Writes all files into a folder, once all have come whole.</summary>
    /// <exception cref="IOException">A file is not what the manifest says.</exception>
    public static async Task RunAsync(PipelineConnection pipeline, EditView edit, string folder, CancellationToken cancellationToken)
    {
        var id = edit.EditId;
        var manifest = await pipeline.CallAsync(client => client.GetResultsAsync(id, cancellationToken), cancellationToken);
        var files = new ConcurrentDictionary<string, byte[]>();
        await System.Threading.Tasks.Parallel.ForEachAsync(
            manifest.Files,
            new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken },
            async (file, token) => files[LocalName(file.Name)] = await FetchAsync(pipeline, id, file, token));
        ResultFolder.Write(folder, files, edit.Withheld.Select(LocalName));
    }

    /// <summary>One file, whole.</summary>
    /// <exception cref="IOException">It is not what the manifest says, or is not there.</exception>
    public static async Task<byte[]> FileAsync(PipelineConnection pipeline, EditId id, string name, CancellationToken cancellationToken)
    {
        var manifest = await pipeline.CallAsync(client => client.GetResultsAsync(id, cancellationToken), cancellationToken);
        var file = manifest.Files.FirstOrDefault(file => file.Name == name) ?? throw new IOException($"The results of {id} have no file '{name}'.");
        return await FetchAsync(pipeline, id, file, cancellationToken);
    }

    private static async Task<byte[]> FetchAsync(PipelineConnection pipeline, EditId id, ResultFile file, CancellationToken cancellationToken)
    {
        var bytes = await pipeline.CallAsync(client => client.DownloadResultAsync(id, file.Name, cancellationToken), cancellationToken);
        return bytes.Length == file.Length && Convert.ToHexStringLower(SHA256.HashData(bytes)) == file.Sha256
            ? bytes
            : throw new IOException($"The file '{file.Name}' did not come whole: its SHA-256 is not the one in the manifest. Give the same command again.");
    }

    // The server may be anybody's: its names must stay inside the folder.
    private static string LocalName(string name) =>
        name.Split('/').All(segment => segment is not ("" or "." or "..") && !segment.Contains('\\')) && !Path.IsPathRooted(name)
            ? name
            : throw new IOException($"The results have a file named '{name}', which is no name inside a folder.");
}
