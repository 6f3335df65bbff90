using System.Collections.Immutable;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Edits;

/// <summary>What the API tells about an edit: its record without what only workers need.</summary>
public sealed record EditView
{
    public required EditId EditId { get; init; }

    /// <summary>Grows with every change; of two answers the one with the larger number is newer.</summary>
    public required long Sequence { get; init; }

    /// <summary>How far it is.</summary>
    public required EditState State { get; init; }

    /// <summary>Somebody asked to give it up.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>Somebody asked to delete it: it is gone soon.</summary>
    public bool DeleteRequested { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it came to its end.</summary>
    public DateTimeOffset? Ended { get; init; }

    public required string Model { get; init; }

    public required EditSettings Settings { get; init; }

    /// <summary>What it computes, and what it may.</summary>
    public EditCost? Cost { get; init; }

    public required EditSource Source { get; init; }

    /// <summary>The edit whose tuning it samples again; null when it has made its own.</summary>
    public EditId? From { get; init; }

    /// <summary>What its tuning takes in storage, once for all edits that refer to it; null until it is there.</summary>
    public long? TuningBytes { get; init; }

    /// <summary>The batch that it belongs to, if any.</summary>
    public BatchReference? Batch { get; init; }

    /// <summary>The stage whose turn it is.</summary>
    public required EditStage Stage { get; init; }

    /// <summary>How far that stage is.</summary>
    public EditProgress? Progress { get; init; }

    /// <summary>How far a stage is that runs beside that one: the tuning of a cascade's super-resolution.</summary>
    public EditProgress? Beside { get; init; }

    /// <summary>What the stages have cost so far.</summary>
    public required ImmutableArray<StageStatus> Stages { get; init; }

    /// <summary>Claims that went on from a checkpoint, over all stages.</summary>
    public required int Resumes { get; init; }

    /// <summary>Why it failed.</summary>
    public EditProblem? Error { get; init; }

    /// <summary>What a person should know of its pictures, in sentences.</summary>
    public ImmutableArray<string> Notices { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Files that are not among the results since the model's safety checker withholds them.</summary>
    public ImmutableArray<string> Withheld { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>SHA-256 over the sizes and the hashes of the pixels of all pictures.</summary>
    public string? ResultSha256 { get; init; }

    /// <summary>Where its end is told, and what became of that.</summary>
    public WebhookView? Webhook { get; init; }

    /// <summary>The view of a record.</summary>
    public static EditView Of(EditRecord record) => new()
    {
        EditId = record.EditId,
        Sequence = record.Sequence,
        State = record.State,
        CancelRequested = record.CancelRequested,
        DeleteRequested = record.DeleteRequested,
        Created = record.Created,
        Ended = record.Ended,
        Model = record.Model,
        Settings = record.Settings,
        Cost = record.Cost,
        Source = record.Source,
        From = record.From,
        TuningBytes = record.HasTuning() ? record.Tuning().Sum(status => status.Bytes ?? 0) : null,
        Batch = record.Batch,
        Stage = record.ShownTurn().Stage,
        Progress = record.ShownTurn().Progress,
        Beside = record.Stage < EditStage.Sample ? record.SuperResolution?.Progress : null,
        Stages = record.Stages,
        Resumes = record.Stages.Sum(stage => stage.Resumes),
        Error = record.Error,
        Notices = record.Notices,
        Withheld = record.Withheld,
        ResultSha256 = record.ResultSha256,
        Webhook = record.Webhook is { } url ? new(url) : null,
    };
}

/// <summary>Asks for a key to upload one picture.</summary>
/// <param name="Name">File name of the picture; the upload's name ends with it.</param>
public sealed record UploadRequest(string? Name = null);

/// <summary>A key to upload one picture.</summary>
/// <param name="Name">What the picture is called: <c>tickets/</c> and its name in that container. Give it as <c>source</c> when starting the edit.</param>
/// <param name="Url">Where to PUT the bytes, with header <c>x-ms-blob-type: BlockBlob</c>; works once.</param>
/// <param name="Expires">Until when.</param>
public sealed record UploadTicket(string Name, string Url, DateTimeOffset Expires);
