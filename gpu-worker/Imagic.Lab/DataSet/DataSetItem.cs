
namespace Imagic.Lab.DataSet;

/// <summary>One drawing: line n of items.jsonl is about drawing n of drawings.bin.</summary>
/// <param name="Concept">CLDR's name.</param>
/// <param name="BaseConcept">The name without skin tones.</param>
/// <param name="CodePoints">See <see cref="DataSet.CodePoints"/>.</param>
/// <param name="Captions">On white; see <see cref="DataSet.Captions"/>.</param>
/// <param name="BackgroundCaptions">On a colour, which stands for <see cref="DataSet.Captions.Placeholder"/>.</param>
public sealed record DataSetItem(
    string Style, string Concept, string BaseConcept, string CodePoints, string Group,
    IReadOnlyList<string> Captions, IReadOnlyList<string> BackgroundCaptions, DataSetSplit Split);

public enum DataSetSplit
{
    Training,
    HeldOut,
}

/// <summary>What a folder holds: counts, where it came from, and the SHA-256 of each file and of all.</summary>
/// <param name="Side">Width and height in pixels. drawings.bin is (Drawings, Side, Side, 4), uint8: sRGB multiplied by
/// coverage, and coverage, so that a background is laid under when a picture is read.</param>
/// <param name="Training">The first so many drawings; the held-out ones follow.</param>
/// <param name="Sha256">Of the hashes of drawings.bin and items.jsonl, which models are trained from.</param>
public sealed record DataSetManifest(
    int Schema, int Side, int Seed, int Drawings, int Training, int HeldOut,
    IReadOnlyList<StyleCount> Styles, IReadOnlyList<PackageVersion> Packages, IReadOnlyList<FileHash> Files, string Sha256) : IVersioned
{
    public static int CurrentSchema => 2;
}

/// <param name="Unmapped">Drawings of the package left out: their emoji is not known, or was there already.</param>
public sealed record StyleCount(string Style, int Drawings, int Training, int HeldOut, IReadOnlyList<string> Unmapped);

public sealed record PackageVersion(string Name, string Version, string Licence);

public sealed record FileHash(string Name, long Bytes, string Sha256);
