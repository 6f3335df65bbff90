using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Imagic.Cli.Batch;

/// <summary>A picture that a manifest names and that is on this machine.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Name">Its name below the batch's folder in storage.</param>
internal sealed record LocalImage(string Path, string Name);

/// <summary>
/// A manifest on this machine. Only the pictures are looked for; what else a line says, and whether it is right, is
/// the pipeline's to judge, which answers for every line.
/// </summary>
internal sealed class LocalManifest
{
    // The pipeline's own limit, told here before pictures are uploaded for nothing.
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _extension;
    private readonly ImmutableArray<ManifestPiece> _pieces;
    private readonly string _stem;
    private readonly string _hash;

    private LocalManifest(string path, ImmutableArray<ManifestPiece> pieces, ImmutableArray<LocalImage> pictures, string hash) =>
        (_stem, _extension, _pieces, Pictures, _hash) = (Stem(path), Path.GetExtension(path).ToLowerInvariant(), pieces, pictures, hash);

    /// <summary>The pictures that are here; lines that name others will be rejected.</summary>
    public ImmutableArray<LocalImage> Pictures { get; }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="BadInputException">It is not there, or no manifest at all.</exception>
    public static async Task<LocalManifest> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) throw new BadInputException($"There is no manifest '{path}'.");
        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension is not (".jsonl" or ".ndjson" or ".csv"))
            throw new BadInputException($"'{path}' is no manifest: its name must end in .jsonl, .ndjson or .csv.");
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        if (bytes.Length > MaxBytes) throw new BadInputException($"'{path}' has {bytes.Length:N0} bytes; a manifest may have {MaxBytes:N0}. Split it.");
        var text = Decode(path, bytes);
        ImmutableArray<ManifestPiece> pieces = [.. extension == ".csv" ? CsvSources.Find(text) : JsonLinesSources.Find(text)];
        if (pieces.All(piece => piece.Source is null)) throw new BadInputException($"'{path}' has no line that names a picture. Each needs a 'source' and a 'targetText'.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var names = new ImageNames(folder);
        pieces = [.. pieces.Select(piece => piece.Source is { } source && names.Add(source) is { } name ? piece with { Name = name } : piece)];
        return new(path, pieces, names.Pictures, await HashAsync(text, names.Pictures, cancellationToken));
    }

    /// <summary>Name of the batch: the same manifest with the same pictures is the same batch.</summary>
    /// <param name="attempt">1, or more to try again what has failed.</param>
    public string BatchName(int attempt) => string.Create(CultureInfo.InvariantCulture, $"{_stem}-{_hash[..12]}{(attempt > 1 ? $"-{attempt}" : "")}");

    /// <summary>Name of the manifest's blob.</summary>
    public string BlobName(string batch) => batch + _extension;

    /// <summary>The manifest with the names that the pictures have in storage.</summary>
    public byte[] Render(string batch) => Encoding.UTF8.GetBytes(string.Concat(_pieces.Select(piece => piece.Render(batch))));

    private static string Decode(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new BadInputException($"'{path}' is no UTF-8 text. Save it as UTF-8.");
        }
    }

    private static async Task<string> HashAsync(string text, ImmutableArray<LocalImage> pictures, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        foreach (var picture in pictures)
        {
            await using var stream = File.OpenRead(picture.Path);
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{picture.Name}\n"));
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
