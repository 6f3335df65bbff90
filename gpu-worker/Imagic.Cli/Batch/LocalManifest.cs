using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Imagic.Storage.Batches;

namespace Imagic.Cli.Batch;

/// <summary>
/// A manifest on this machine. Only the pictures are looked for; what else a line says, and whether it is right, is
/// the pipeline's to judge, which answers for every line.
/// </summary>
internal sealed class LocalManifest
{
    private readonly string _folder;
    private readonly byte[] _content;
    private readonly ImmutableArray<ManifestLine> _lines;
    private readonly string _name;
    private readonly string _extension;

    private LocalManifest(string path, bool isCsv, byte[] content, ImmutableArray<ManifestLine> lines, ImmutableArray<string> pictures, string hash)
    {
        (_folder, IsCsv, _content, _lines, Pictures) = (FolderOf(path), isCsv, content, lines, pictures);
        _name = $"{Stem(path)}-{hash[..12]}";
        _extension = Path.GetExtension(path).ToLowerInvariant();
    }

    /// <summary>Otherwise JSON Lines.</summary>
    public bool IsCsv { get; }

    /// <summary>Paths of the pictures that are here; lines that name others go to the pipeline as they are.</summary>
    public ImmutableArray<string> Pictures { get; }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="BadInputException">It is not there, or no manifest at all.</exception>
    public static async Task<LocalManifest> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new BadInputException($"There is no manifest '{path}'.");
        if (!ManifestName.TryParse(Path.GetFileName(path), out var name))
            throw new BadInputException($"'{path}' is no manifest: its name must end in .jsonl, .ndjson or .csv.");
        var content = ManifestReader.ToUtf8(await File.ReadAllBytesAsync(path, cancellationToken)).ToArray();
        var lines = ManifestReader.Read(content, name.IsCsv);
        // Told here before pictures are uploaded for nothing.
        if (lines is [{ Number: 0, Rejected: { } whole }]) throw new BadInputException($"'{path}' cannot be used. {whole.Message}");
        if (lines.All(line => line.Source is null))
            throw new BadInputException($"'{path}' has no line that names a picture. Each needs a 'source' and a 'targetText'.");
        ImmutableArray<string> pictures = [.. lines.Select(line => PathOf(FolderOf(path), line)).OfType<string>().Distinct()];
        return new(path, name.IsCsv, content, lines, pictures, await HashAsync(content, pictures, cancellationToken));
    }

    /// <summary>Name of the batch: the same manifest with the same pictures is the same batch.</summary>
    /// <param name="attempt">1, or more to try again what has failed.</param>
    public string BatchName(int attempt) => attempt == 1 ? _name + _extension : string.Create(CultureInfo.InvariantCulture, $"{_name}-{attempt}{_extension}");

    /// <summary>The manifest with the names that the pictures got when they were uploaded. All else keeps its place.</summary>
    /// <param name="uploads">Those names by the paths of the pictures.</param>
    public byte[] Render(IReadOnlyDictionary<string, string> uploads)
    {
        using var rendered = new MemoryStream();
        var done = 0;
        foreach (var line in _lines)
        {
            if (line.Source is not { } source || PathOf(_folder, line) is not { } path || !uploads.TryGetValue(path, out var name)) continue;
            rendered.Write(_content.AsSpan(done..source.Start));
            rendered.Write(Encoding.UTF8.GetBytes(IsCsv ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : $"\"{JsonEncodedText.Encode(name)}\""));
            done = source.Start + source.Length;
        }

        rendered.Write(_content.AsSpan(done));
        return rendered.ToArray();
    }

    /// <summary>The picture as the line names it; empty when it names none.</summary>
    public string SourceOf(int number) => _lines.FirstOrDefault(line => line.Number == number)?.Source?.Name ?? "";

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    // Null when it is not on this machine.
    private static string? PathOf(string folder, ManifestLine line)
    {
        if (line.Source is not { } source || source.Name.Contains('\0')) return null;
        var path = Path.GetFullPath(Path.Combine(folder, source.Name));
        return File.Exists(path) ? path : null;
    }

    private static async Task<string> HashAsync(byte[] content, ImmutableArray<string> pictures, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(content));
        foreach (var picture in pictures)
        {
            await using var stream = File.OpenRead(picture);
            hash.AppendData(await SHA256.HashDataAsync(stream, cancellationToken));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Part of names of blobs and of folders.
    private static string Stem(string path)
    {
        var stem = string.Concat(Path.GetFileNameWithoutExtension(path).Take(60).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
        return stem.Trim('-') is { Length: > 0 } name ? name : "batch";
    }
}
