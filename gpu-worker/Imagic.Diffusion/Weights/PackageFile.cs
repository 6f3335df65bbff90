using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Imagic.Diffusion.Weights;

/// <summary>
/// The one way to a file of a model package. Packages come from anywhere: what is no plain file, or far larger than its
/// kind ever is, is not read.
/// </summary>
internal static class PackageFile
{
    // The largest vocabularies have some 20 MB.
    private const long MaxTextBytes = 64 << 20;

    /// <summary>The text of a small file.</summary>
    /// <exception cref="ModelPackageException">The file is missing, unreadable, or no plain small file.</exception>
    public static string ReadText(string path) => Use(path, () =>
    {
        using var reader = new StreamReader(new FileStream(OpenSmall(path), FileAccess.Read), new UTF8Encoding(false, throwOnInvalidBytes: true));
        return reader.ReadToEnd();
    });

    /// <summary>The bytes of a small file.</summary>
    /// <inheritdoc cref="ReadText"/>
    public static byte[] ReadBytes(string path) => Use(path, () =>
    {
        using var handle = OpenSmall(path);
        var bytes = new byte[RandomAccess.GetLength(handle)];
        return bytes[..RandomAccess.Read(handle, bytes, fileOffset: 0)];
    });

    /// <summary>A file for reads at chosen places; the caller disposes the handle.</summary>
    /// <inheritdoc cref="ReadText"/>
    public static SafeFileHandle OpenHandle(string path) => Use(path, () => Open(path));

    /// <summary>
    /// Refuses links that lead out of a package: what they lead to would be read, and pushed, as a part of it. The cache of
    /// the Hugging Face hub is made of links from <c>snapshots/{revision}/</c> to <c>blobs/</c> beside it.
    /// </summary>
    /// <exception cref="ModelPackageException">Names the link.</exception>
    public static void CheckLinks(string folder)
    {
        if (!Directory.Exists(folder)) return;
        var root = Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(folder);
        var parent = Directory.GetParent(Path.TrimEndingDirectorySeparator(root));
        var home = (parent is { Name: "snapshots", Parent: { } cache } ? cache.FullName : Path.TrimEndingDirectorySeparator(root)) + Path.DirectorySeparatorChar;
        // Components have no folders of their own.
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };
        foreach (var entry in new DirectoryInfo(root).EnumerateFileSystemInfos("*", options))
        {
            if (entry.LinkTarget is null || entry.ResolveLinkTarget(returnFinalTarget: true) is not { } target) continue;
            if (!target.FullName.StartsWith(home, StringComparison.Ordinal))
                throw new ModelPackageException(entry.FullName, "it is a link that leads out of the package. Put the file itself in its place.");
        }
    }

    private static SafeFileHandle OpenSmall(string path)
    {
        var handle = Open(path);
        if (RandomAccess.GetLength(handle) is not (var length and > MaxTextBytes)) return handle;
        handle.Dispose();
        throw new ModelPackageException(path, $"it has {length} bytes; such a file has at most {MaxTextBytes}.");
    }

    private static SafeFileHandle Open(string path)
    {
        // A pipe or device says 0 bytes, and opening it may wait for ever.
        var file = File.ResolveLinkTarget(path, returnFinalTarget: true) is FileInfo target ? target : new FileInfo(path);
        if (file is { Exists: true, Length: 0 }) throw new ModelPackageException(path, "the file is empty, or no plain file. Fetch it again.");
        var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        Span<byte> start = stackalloc byte[16];
        if (Impostor(start[..RandomAccess.Read(handle, start, fileOffset: 0)]) is not { } impostor) return handle;
        handle.Dispose();
        throw new ModelPackageException(path, impostor);
    }

    // What a download leaves in a file's place when it did not get the file, and weights of another kind under a new name.
    // The length of a safetensors header, 8 bytes, may begin like any of them, but ends in zeros.
    private static string? Impostor(ReadOnlySpan<byte> start) =>
        start is [_, _, _, _, 0, 0, 0, 0, ..] ? null
        : start.StartsWith("version https://"u8) ? "it is a Git LFS pointer, not the file itself. Fetch that with 'git lfs pull'."
        : start.TrimStart(" \t\r\n\uFEFF"u8) is [(byte)'<', ..] ? "it is a web page. Fetch the file itself; that may need signing in."
        : start.StartsWith("PK"u8) || start is [0x80, ..] ? "it is a PyTorch checkpoint, which can run code when read. Convert it to safetensors."
        : null;

    private static T Use<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelPackageException(path, "the file is missing from the package.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(path, $"cannot be read: {e.Message}", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new ModelPackageException(path, "it is no text in UTF-8.", e);
        }
    }
}
