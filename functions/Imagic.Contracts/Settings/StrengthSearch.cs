using System.Text.Json.Serialization;

namespace Imagic.Contracts.Settings;

/// <summary>
/// How each seed's strengths are found in place of being listed: drafts along η up to the largest of the list, spaced
/// evenly by what is seen, of which the first that shows what the text says is suggested.
/// </summary>
public sealed record StrengthSearch
{
    /// <summary>Pictures of a seed that are kept.</summary>
    public const int Kept = 5;

    /// <summary>Timesteps at which a draft's alignment is looked at; each costs two passes.</summary>
    public const int Looks = 3;

    internal const int FewestRenders = 4, MostRenders = 16;

    /// <summary>Drafts of a seed at a weight blend, at most.</summary>
    public int Renders { get; init; } = 8;

    /// <summary>Denoising steps of a draft.</summary>
    public int Steps { get; init; } = 8;

    /// <summary>
    /// What a suggested picture has to reach of the alignment with the text, 0 … 1: that of the source is 0, that of the
    /// picture which the text alone gives is 1.
    /// </summary>
    public double Alignment { get; init; } = 0.7;
}

/// <summary>What differs from the usual in a search; absent members are as usual.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record StrengthSearchOverrides
{
    /// <inheritdoc cref="StrengthSearch.Renders"/>
    public int? Renders { get; init; }

    /// <inheritdoc cref="StrengthSearch.Steps"/>
    public int? Steps { get; init; }

    /// <inheritdoc cref="StrengthSearch.Alignment"/>
    public double? Alignment { get; init; }

    internal static StrengthSearchOverrides Of(StrengthSearch search) => new() { Renders = search.Renders, Steps = search.Steps, Alignment = search.Alignment };

    /// <summary>The search with these put over the usual one.</summary>
    public StrengthSearch Resolve() => Over(new());

    internal StrengthSearch Over(StrengthSearch start) => new() { Renders = Renders ?? start.Renders, Steps = Steps ?? start.Steps, Alignment = Alignment ?? start.Alignment };
}
