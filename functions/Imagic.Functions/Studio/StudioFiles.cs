using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Imagic.Functions.Studio;

/// <summary>A file of the page.</summary>
/// <param name="Content">As it was built.</param>
/// <param name="Compressed">The same in Brotli; null where that is no shorter.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Tag">Changes with the content.</param>
/// <param name="IsHashed">Whether its name changes with its content.</param>
internal sealed record StudioFile(byte[] Content, byte[]? Compressed, string MediaType, EntityTagHeaderValue Tag, bool IsHashed);

/// <summary>
/// The files that the build of the page has left beside the app. They are few and small, and are read when the first is
/// asked for: a name is looked up among them, so that none leads anywhere else.
/// </summary>
internal sealed class StudioFiles(string folder)
{
    /// <summary>The page itself.</summary>
    public const string Page = "index.html";

    // The best that Brotli has: it takes a second per megabyte, once.
    private const int BrotliQuality = 11, BrotliWindow = 22;

    // Vite puts hashes into the names of what it builds, and leaves those of public/ alone.
    private const string HashedFolder = "assets/";

    private static readonly FileExtensionContentTypeProvider MediaTypes = new();

    private readonly Lazy<IReadOnlyDictionary<string, StudioFile>> _files = new(() => Read(folder));

    /// <summary>A file by its name below the folder, with slashes; null where there is none.</summary>
    public StudioFile? Find(string name) => _files.Value.GetValueOrDefault(name);

    private static Dictionary<string, StudioFile> Read(string folder) =>
        // Without the page the rest leads nowhere: the build was broken off.
        !File.Exists(Path.Combine(folder, Page)) ? [] : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).AsParallel()
            .Select(path => (Path: path, Name: Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/')))
            .ToDictionary(file => file.Name, file => ReadFile(file.Path, file.Name));

    private static StudioFile ReadFile(string path, string name)
    {
        var content = File.ReadAllBytes(path);
        var type = MediaTypes.TryGetContentType(name, out var known) ? known : "application/octet-stream";
        return new(
            content,
            Compress(content),
            type.StartsWith("text/", StringComparison.Ordinal) ? $"{type}; charset=utf-8" : type,
            // Weak: it is that of both forms.
            new($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(..16))}\"", isWeak: true),
            name.StartsWith(HashedFolder, StringComparison.Ordinal));
    }

    private static byte[]? Compress(byte[] content)
    {
        var compressed = new byte[content.Length];
        return BrotliEncoder.TryCompress(content, compressed, out var length, BrotliQuality, BrotliWindow) ? compressed[..length] : null;
    }
}
