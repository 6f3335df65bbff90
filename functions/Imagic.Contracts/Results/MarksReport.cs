using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Imagic.Contracts.Results;

/// <summary>Where a mark lies.</summary>
public enum MarkLayer
{
    /// <summary>A signed manifest in the file (C2PA).</summary>
    [JsonStringEnumMemberName("content-credentials")]
    ContentCredentials,

    /// <summary>A text in the file, which anybody can write.</summary>
    [JsonStringEnumMemberName("xmp")]
    Xmp,

    /// <summary>The settings that a PNG of this program carries; anybody can write them, too.</summary>
    [JsonStringEnumMemberName("settings")]
    Settings,

    /// <summary>A pattern in the pixels.</summary>
    [JsonStringEnumMemberName("watermark")]
    Watermark,
}

/// <summary>How sure a finding is.</summary>
public enum MarkCertainty
{
    /// <summary>The signature holds, and the file is the one that was signed.</summary>
    [JsonStringEnumMemberName("signed")]
    Signed,

    /// <summary>It was signed, and the signature or the file no longer fits.</summary>
    [JsonStringEnumMemberName("broken")]
    Broken,

    /// <summary>Measured; the finding tells how often chance looks so.</summary>
    [JsonStringEnumMemberName("measured")]
    Measured,

    /// <summary>It stands there and nothing proves it.</summary>
    [JsonStringEnumMemberName("claimed")]
    Claimed,
}

/// <summary>What one layer says.</summary>
/// <param name="Layer">Which.</param>
/// <param name="Certainty">How sure it is.</param>
/// <param name="SaysAi">Whether it says that AI made or edited the picture.</param>
/// <param name="Says">What it says, in a sentence.</param>
public sealed record MarkFinding(MarkLayer Layer, MarkCertainty Certainty, bool SaysAi, string Says)
{
    /// <summary>The program that wrote it.</summary>
    public string? Program { get; init; }

    /// <summary>Of Content Credentials: subject of the certificate that signed.</summary>
    public string? Signer { get; init; }

    /// <summary>Of Content Credentials: when it was signed, as it says itself.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Of a watermark: the first 6 hex digits of the SHA-256 of the edit's id; absent where only its presence can be told.</summary>
    public string? Edit { get; init; }

    /// <summary>Of a watermark: share of unmarked pictures that would look so by chance.</summary>
    public double? Chance { get; init; }

    /// <summary>What is wrong with it, in sentences.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];
}

/// <summary>What a picture carries of its origin. None is no proof: marks can be removed, and most programs write none.</summary>
/// <param name="Format">By content, e.g. <c>JPEG</c>.</param>
/// <param name="Width">Pixels, upright.</param>
/// <param name="Height">Pixels, upright.</param>
/// <param name="Summary">All of it in a sentence or two.</param>
/// <param name="Findings">One for each layer that was found.</param>
public sealed record MarksReport(string Format, int Width, int Height, string Summary, ImmutableArray<MarkFinding> Findings)
{
    /// <summary>Whether a layer that holds says that AI made or edited it. False is no answer: nothing was found.</summary>
    public bool FoundAi => Findings.Any(finding => finding is { SaysAi: true, Certainty: not MarkCertainty.Broken });
}
