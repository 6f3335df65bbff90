using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Imagic.Contracts;

namespace Imagic.Storage.Batches;

/// <summary>
/// The file name of a manifest in the container <c>batches</c>. It is the name of the batch, too, and of the folder of
/// all that is written for it.
/// </summary>
public sealed record ManifestName
{
    /// <summary>What <see cref="TryParse"/> takes, in words.</summary>
    public const string Rule = "a file name that ends in .jsonl, .ndjson or .csv";

    private ManifestName(string value, bool isCsv) => (Value, IsCsv) = (value, isCsv);

    /// <summary>The name as text.</summary>
    public string Value { get; }

    /// <summary>Otherwise JSON Lines.</summary>
    public bool IsCsv { get; }

    /// <summary>Whether a blob is a manifest; all others in the container, reports among them, are not.</summary>
    public static bool TryParse(string blob, [NotNullWhen(true)] out ManifestName? name)
    {
        name = HasItsForm(blob) && BlobName.Problem(blob) is null ? new(blob, Ends(blob, ".csv")) : null;
        return name is not null;
    }

    /// <summary>Whether it would be a manifest if blobs of this name were accepted.</summary>
    public static bool HasItsForm(string blob) =>
        !blob.Contains('/') && (Ends(blob, ".csv") || Ends(blob, ".jsonl") || Ends(blob, ".ndjson"));

    /// <summary>Names the content that a manifest with this ETag has: an overwritten one is another run.</summary>
    public string RunOf(ETag etag) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Value}\n{etag.Text()}")).AsSpan(0, 8));

    public override string ToString() => Value;

    private static bool Ends(string blob, string ending) => blob.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
