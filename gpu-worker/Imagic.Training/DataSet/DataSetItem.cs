using System.Text.Json.Serialization;

namespace Imagic.Training.DataSet;

/// <summary>One picture: line n of items.jsonl is about picture n of pictures.bin.</summary>
/// <param name="Concept">CLDR's name.</param>
/// <param name="BaseConcept">The name without skin tones.</param>
/// <param name="CodePoints">See <see cref="DataSet.CodePoints"/>.</param>
/// <param name="Background">Name of the colour behind it.</param>
/// <param name="Captions">See <see cref="DataSet.Captions"/>.</param>
public sealed record DataSetItem(
    string Style, string Concept, string BaseConcept, string CodePoints, string Group, string Background,
    IReadOnlyList<string> Captions, DataSetSplit Split);

public enum DataSetSplit
{
    Training,
    HeldOut,
}

/// <summary>What a folder holds: counts, where it came from, and the SHA-256 of each file and of all.</summary>
/// <param name="Schema">Format of the folder; 1.</param>
/// <param name="Side">Width and height in pixels. pictures.bin is (Pictures, Side, Side, 3), uint8.</param>
/// <param name="Training">The first so many pictures; the held-out ones follow.</param>
/// <param name="Sha256">Of the files' hashes.</param>
public sealed record DataSetManifest(
    int Schema, int Side, int Seed, int Backgrounds, int Pictures, int Training, int HeldOut,
    IReadOnlyList<StyleCount> Styles, IReadOnlyList<PackageVersion> Packages, IReadOnlyList<FileHash> Files, string Sha256);

/// <param name="Concepts">Drawings of the set that are used, each once whatever its backgrounds.</param>
/// <param name="Unmapped">Drawings of the package left out: their emoji is not known, or was there already.</param>
public sealed record StyleCount(string Style, int Concepts, int Pictures, int Training, int HeldOut, IReadOnlyList<string> Unmapped);

public sealed record PackageVersion(string Name, string Version, string Licence);

public sealed record FileHash(string Name, long Bytes, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DataSetItem))]
public sealed partial class DataSetItemJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DataSetManifest))]
public sealed partial class DataSetManifestJson : JsonSerializerContext;
