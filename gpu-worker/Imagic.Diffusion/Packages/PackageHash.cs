using System.Security.Cryptography;
using System.Text;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Packages;

/// <summary>SHA-256 of files, and of a set of them by content and path.</summary>
public static class PackageHash
{
    private static readonly FileStreamOptions ReadOptions =
        new() { BufferSize = 1 << 20, Options = FileOptions.Asynchronous | FileOptions.SequentialScan };

    /// <summary>
    /// Over a line <c>{sha256}  {path}</c> for each file in the order of their paths, which is what <c>sha256sum</c> prints.
    /// </summary>
    /// <param name="files">Paths below the package's folder with '/' between parts, and lower-case hex.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Of(IEnumerable<(string Path, string Sha256)> files)
    {
        var lines = files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => $"{file.Sha256}  {file.Path}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    /// <summary>Of one file's content.</summary>
    /// <exception cref="ModelPackageException">The file is missing or cannot be read.</exception>
    public static async Task<string> OfFileAsync(string file, CancellationToken cancellationToken)
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
