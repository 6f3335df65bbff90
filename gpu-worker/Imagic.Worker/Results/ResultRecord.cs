using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Imagic.Contracts.Results;
using Imagic.Editing;

namespace Imagic.Worker.Results;

/// <summary>A file of the results.</summary>
/// <param name="File">Path inside the results folder.</param>
/// <param name="Sha256">Of the file: with its signature, which is never twice the same.</param>
/// <param name="PixelsSha256">Of the pixels as they were computed, red, green and blue row by row: the same where settings and environment are.</param>
/// <param name="SourceDecibels">PSNR, before it is marked, against the source at working size: how well η = 0 reconstructs, how far others go.</param>
/// <param name="Withheld">Whether the safety checker took it for unfit to be shown: there is no such file.</param>
/// <param name="Rank">1 for the suggested picture, 2 … for those of other seeds; 0 for the rest.</param>
/// <param name="Found">What a search knows of it; absent where strengths were listed.</param>
public sealed record ImageFile(
    string File, long Seed, double Eta, double Blend, int Rank, double SourceDecibels, string Sha256, string PixelsSha256, bool Withheld = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FoundStrength? Found = null)
{
    /// <summary>Its copy is <see cref="ResultManifest.SuggestedFile"/>.</summary>
    public bool Suggested => Rank == 1;

    [JsonIgnore]
    public ImageKey Key => new(Seed, new(Eta, Blend));
}

/// <summary>Where the source picture came from and what was made of it.</summary>
public sealed record SourceRecord(string File, string Sha256, int Width, int Height, int WorkingWidth, int WorkingHeight);

/// <summary>The model package.</summary>
public sealed record ModelRecord(string Name, string Sha256);

/// <summary>What computed it; the same numbers are promised where these are the same.</summary>
public sealed record EnvironmentRecord(string Imagic, string Libtorch, string Runtime, string Device, int Threads, string Precision);

/// <summary>One stage in the record.</summary>
public sealed record StageRecord(string Stage, double Seconds, ImmutableArray<float> Losses);

/// <summary><c>edit.json</c>: all that is needed to know, or repeat, what was done.</summary>
public sealed record ResultRecord : IVersioned
{
    public int Schema { get; init; } = Versioning.Current;

    public required DateTimeOffset Finished { get; init; }

    public required SourceRecord Source { get; init; }

    public required ModelRecord Model { get; init; }

    public required EnvironmentRecord Environment { get; init; }

    public required EditSettings Settings { get; init; }

    public required ImmutableArray<StageRecord> Stages { get; init; }

    public required ImmutableArray<ImageFile> Pictures { get; init; }

    /// <summary>Names of the files that are not among the results since the safety checker withholds them.</summary>
    [JsonIgnore]
    public ImmutableArray<string> Withheld =>
    [
        .. Pictures.Any(picture => picture is { Withheld: true, Suggested: true }) ? [ResultManifest.SuggestedFile] : Array.Empty<string>(),
        .. Pictures.Where(picture => picture.Withheld).Select(picture => picture.File),
    ];

    /// <summary>What a person should know of them, in sentences.</summary>
    public ImmutableArray<string> Notices { get; init => field = value.IsDefault ? [] : value; } = [];
}

[JsonSerializable(typeof(ResultRecord))]
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
public sealed partial class ResultJsonContext : JsonSerializerContext;
