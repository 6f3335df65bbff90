using System.Collections.Immutable;
using Imagic.Contracts.Edits;

namespace Imagic.Contracts.Batches;

/// <summary>A line that became an edit.</summary>
/// <param name="Line">1 for the first line of the manifest.</param>
/// <param name="EditId">Its edit.</param>
/// <param name="Source">The picture that it names.</param>
/// <param name="TargetText">Its sentence.</param>
public sealed record AcceptedLine(int Line, EditId EditId, string Source, string TargetText);

/// <summary>A line that did not.</summary>
/// <param name="Line">1 for the first line of the manifest.</param>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Message">For people: what was wrong and what to do.</param>
public sealed record RejectedLine(int Line, string Code, string Message);

/// <summary><c>report.json</c> of a batch: what became of each line. Written before the first edit is started.</summary>
public sealed record BatchReport : IVersioned
{
    public int Schema { get; init; } = Versioning.Current;

    /// <summary>Blob name of the manifest.</summary>
    public required string Manifest { get; init; }

    /// <summary>Names the manifest's content; an overwritten manifest is another run.</summary>
    public required string Run { get; init; }

    /// <summary>When it was read.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Where the end of the batch is told.</summary>
    public string? Webhook { get; init; }

    /// <summary>Lines that became edits.</summary>
    public required ImmutableArray<AcceptedLine> Accepted { get; init; }

    /// <summary>Lines that did not.</summary>
    public required ImmutableArray<RejectedLine> Rejected { get; init; }
}

/// <summary>How the edit of a line ended.</summary>
/// <param name="Results">Path of the suggested picture below the container <c>edits</c>; null when there is none.</param>
/// <param name="Message">Why it failed, or why its picture is not shown.</param>
public sealed record EndedLine(
    int Line, EditId EditId, string TargetText, EditState State, double Seconds, string? Results = null, string? Message = null);

/// <summary><c>summary.json</c> of a batch: written once, when all its edits have ended.</summary>
public sealed record BatchSummary : IVersioned
{
    public int Schema { get; init; } = Versioning.Current;

    /// <summary>Blob name of the manifest.</summary>
    public required string Manifest { get; init; }

    /// <summary>The run that has ended.</summary>
    public required string Run { get; init; }

    /// <summary>When the last edit ended.</summary>
    public required DateTimeOffset Ended { get; init; }

    /// <summary>Edits that succeeded.</summary>
    public required int Succeeded { get; init; }

    /// <summary>Edits that failed.</summary>
    public required int Failed { get; init; }

    /// <summary>Edits that were cancelled.</summary>
    public required int Cancelled { get; init; }

    /// <summary>Lines that never became edits.</summary>
    public required int Rejected { get; init; }

    public required ImmutableArray<EndedLine> Edits { get; init; }
}

/// <summary>What a list tells about a batch.</summary>
/// <param name="Name">Of the batch, and of its manifest.</param>
/// <param name="Created">When its manifest was read.</param>
/// <param name="Lines">Lines of the manifest.</param>
/// <param name="Started">Those that became edits.</param>
/// <param name="Refused">Those that did not.</param>
/// <param name="Ended">Whether all edits have ended.</param>
public sealed record ListedBatch(string Name, DateTimeOffset Created, int Lines, int Started, int Refused, bool Ended);

/// <summary>A page of batches.</summary>
/// <param name="Batches">By name.</param>
/// <param name="Continuation">Give it back as <c>continuation</c> to get the next page; absent on the last.</param>
public sealed record BatchList(ImmutableArray<ListedBatch> Batches, string? Continuation = null);

/// <summary>What the API tells about a batch.</summary>
/// <param name="Report">What became of each line.</param>
/// <param name="Summary">How the edits ended; absent until the last one has.</param>
/// <param name="Webhook">What became of telling the end; absent where nobody is to be told.</param>
public sealed record BatchView(BatchReport Report, BatchSummary? Summary = null, WebhookView? Webhook = null);
