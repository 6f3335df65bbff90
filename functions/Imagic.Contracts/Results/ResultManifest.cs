using System.Collections.Immutable;
using System.Globalization;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Results;

/// <summary>A file of an edit's results.</summary>
/// <param name="Name">Path below the results' folder, e.g. <c>pictures/seed1-eta0.80-blend1.00.png</c>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public record ResultFile(string Name, long Length, string Sha256);

/// <summary><c>manifest.json</c> of an edit's results: written last, it makes the files a result.</summary>
public sealed record ResultManifest : IVersioned
{
    /// <summary>File name of the manifest.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The suggested picture.</summary>
    public const string SuggestedFile = "edited.png";

    /// <summary>All pictures on one sheet.</summary>
    public const string GridFile = "grid.png";

    /// <summary>The page for a person.</summary>
    public const string ReportFile = "report.html";

    /// <summary>Source at working size.</summary>
    public const string SourceFile = "source.png";

    /// <summary>Settings, losses, timings, hashes, versions.</summary>
    public const string RecordFile = "edit.json";

    public int Schema { get; init; } = Versioning.Current;

    /// <summary>Which edit this is.</summary>
    public required EditId EditId { get; init; }

    /// <summary>The claim under which it was written.</summary>
    public required int Epoch { get; init; }

    /// <summary>SHA-256 over the sizes and the hashes of the pixels of all pictures before they are marked, in the order of the plan.</summary>
    public required string PicturesSha256 { get; init; }

    public required ImmutableArray<ResultFile> Files { get; init; }

    /// <summary>Names of the suggested pictures, one of each seed that there is, the best first; withheld ones are left out.</summary>
    public required ImmutableArray<string> Suggested { get; init; }

    /// <summary>Names of the pictures that were made in few steps, in the search for strengths.</summary>
    public required ImmutableArray<string> Drafts { get; init; }

    /// <summary>Name of a picture, without its extension.</summary>
    public static string PictureStem(long seed, Strength strength) => string.Create(
        CultureInfo.InvariantCulture, $"pictures/seed{seed}-eta{strength.Eta:0.00##}-blend{strength.Blend:0.00##}");
}
