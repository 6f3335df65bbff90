using System.Security.Cryptography;
using System.Text;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Packages;

/// <summary>SHA-256 over a set of files, by content and path.</summary>
internal static class PackageHash
{
    private static readonly FileStreamOptions ReadOptions =
        new() { BufferSize = 1 << 20, Options = FileOptions.Asynchronous | FileOptions.SequentialScan };

    /// <exception cref="ModelPackageException">A file is missing or cannot be read.</exception>
    public static async Task<string> ComputeAsync(
        string folder, IEnumerable<string> files, CancellationToken cancellationToken)
    {
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var path = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');
            lines[path] = await HashAsync(file, cancellationToken);
        }

        var list = string.Concat(lines.Select(line => $"{line.Value}  {line.Key}\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list)));
    }

    private static async Task<string> HashAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(file, ReadOptions);
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(file, $"cannot be read: {e.Message}", e);
        }
    }
}
