using System.Collections.Immutable;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Edits;

/// <summary>What a list tells about an edit.</summary>
public sealed record EditSummary
{
    // Enough for a line of a table; an entry of the index has to fit into the headers of a call.
    private const int MaxTextLength = 200;

    public required EditId EditId { get; init; }

    public required EditState State { get; init; }

    /// <summary>Somebody asked to give it up.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it came to its end.</summary>
    public DateTimeOffset? Ended { get; init; }

    public required string Model { get; init; }

    /// <summary>The sentence, or its beginning.</summary>
    public required string TargetText { get; init; }

    /// <summary>The stage whose turn it is; absent once the edit has ended.</summary>
    public EditStage? Stage { get; init; }

    /// <summary>How far that stage is.</summary>
    public EditProgress? Progress { get; init; }

    /// <summary>Code of why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The batch that it belongs to, if any.</summary>
    public BatchReference? Batch { get; init; }

    /// <summary>The edit whose tuning it samples again; absent when it has made its own.</summary>
    public EditId? From { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? Caller { get; init; }

    /// <summary>The summary of a record.</summary>
    public static EditSummary Of(EditRecord record) => new()
    {
        EditId = record.EditId,
        State = record.State,
        CancelRequested = record.CancelRequested,
        Created = record.Created,
        Ended = record.Ended,
        Model = record.Model,
        TargetText = Shortened(record.Settings.TargetText),
        Stage = record.HasEnded() ? null : record.ShownTurn().Stage,
        Progress = record.HasEnded() ? null : record.ShownTurn().Progress,
        Error = record.Error?.Code,
        Batch = record.Batch,
        From = record.From,
        Caller = record.Caller,
    };

    private static string Shortened(string text) => text.Length <= MaxTextLength ? text : Utf8Text.Start(text, MaxTextLength - 1) + "…";
}

/// <summary>A page of edits.</summary>
/// <param name="Edits">Newest first.</param>
/// <param name="Continuation">Give it back as <c>continuation</c> to get the next page; absent on the last.</param>
/// <param name="Unreadable">Ids of edits on this page whose record cannot be read; absent when there are none.</param>
public sealed record EditList(ImmutableArray<EditSummary> Edits, string? Continuation = null, IReadOnlyList<EditId>? Unreadable = null);
