using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Edits;

/// <summary>How far an edit is.</summary>
public enum EditState
{
    /// <summary>No worker has it at the moment.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Its results are there. An end.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>It cannot be done; the record says why. An end.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It was given up because somebody asked. An end.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>Groups of states.</summary>
public static class EditStates
{
    /// <summary>Whether nothing changes any more.</summary>
    public static bool HasEnded(this EditState state) => state is EditState.Succeeded or EditState.Failed or EditState.Cancelled;
}

/// <summary>The source picture as it was sent.</summary>
/// <param name="Name">File name for people.</param>
/// <param name="Sha256">Of the file, lower-case hex.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Format">By content, e.g. <c>JPEG</c>.</param>
/// <param name="Width">Pixels, upright.</param>
/// <param name="Height">Pixels, upright.</param>
public sealed record EditSource(string Name, string Sha256, long Bytes, string Format, int Width, int Height);

/// <summary>Working size in pixels; both sides are multiples of what the model needs.</summary>
public sealed record WorkingSize(int Width, int Height)
{
    // Time and memory grow at least as fast, and models draw things twice at sizes far from their own.
    private const int MostAreas = 4;

    /// <summary>Pixels of the picture.</summary>
    [JsonIgnore]
    public long Pixels => (long)Width * Height;

    /// <summary>Refuses what is too large for a model.</summary>
    /// <param name="side">Side of the square that the model was trained on, in pixels.</param>
    /// <exception cref="EditSettingsException">It is.</exception>
    public void CheckFor(int side)
    {
        if (Pixels > MostAreas * (long)side * side)
            throw new EditSettingsException("size", $"{Width}x{Height} is too large for the model, which works at {side}x{side}: at most {MostAreas} times that area is accepted");
    }
}

/// <summary>The line of a batch that an edit came from.</summary>
/// <param name="Name">File name of its manifest, and folder of the batch, in the container <c>batches</c>.</param>
/// <param name="Run">Names the content of the manifest; an overwritten manifest is another run.</param>
/// <param name="Line">1 for the first line of the manifest.</param>
public sealed record BatchReference(string Name, string Run, int Line);

/// <summary>Who works on the edit under its current epoch.</summary>
/// <param name="Worker">Name of the worker, for people.</param>
/// <param name="MessageId">The queue message that the worker holds; it comes back when the worker dies.</param>
/// <param name="Since">When the claim was made.</param>
public sealed record EditClaim(string Worker, string MessageId, DateTimeOffset Since);

/// <summary>How far the running stage is.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all; an early stop may end the stage before.</param>
public sealed record EditProgress(EditStage Stage, int Step, int Steps)
{
    /// <summary>Loss of the newest training step.</summary>
    public float? Loss { get; init; }

    /// <summary>Speed since the stage was claimed.</summary>
    public double? StepsPerSecond { get; init; }

    /// <summary>Time that the stage still takes at this speed.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Newest picture of how the model sees the source, as a name for the results endpoint.</summary>
    public string? Preview { get; init; }
}

/// <summary>What a stage has cost so far, over all its claims.</summary>
public sealed record StageStatus(EditStage Stage)
{
    /// <summary>Whether its result is published.</summary>
    public bool Done { get; init; }

    /// <summary>Steps that its newest checkpoint or its result holds.</summary>
    public int Step { get; init; }

    /// <summary>Computing time in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Claims that went on from a checkpoint.</summary>
    public int Resumes { get; init; }

    public int Checkpoints { get; init; }

    /// <summary>Time that steps waited for checkpoints, in seconds; part of <c>seconds</c>.</summary>
    public double CheckpointSeconds { get; init; }

    /// <summary>Folder of the newest checkpoint or result, below the edit's folder.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>What that takes in storage.</summary>
    public long? Bytes { get; init; }

    /// <summary>SHA-256 of a result by which it is kept where other edits find it too.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>That an edit went back to an earlier stage, since the result that a later one needed was not there.</summary>
/// <param name="Count">How often that has happened.</param>
/// <param name="MessageId">The queue message in whose place the earlier stage's was sent; when it comes again, that is sent again.</param>
/// <param name="Why">What was missing, for people.</param>
public sealed record EditRestart(int Count, string MessageId, string Why);

/// <summary>Why an edit failed.</summary>
/// <param name="Code">Stable, for programs, e.g. <c>diverged</c>.</param>
/// <param name="Message">For people: what was wrong and what to do.</param>
/// <param name="Stage">Where it failed.</param>
public sealed record EditProblem(string Code, string Message, EditStage? Stage = null);

/// <summary>
/// <c>edit.json</c>, the one mutable blob of an edit. It is only ever written conditionally on the ETag that was read.
/// </summary>
public sealed record EditRecord : IVersioned
{
    public int Schema { get; init; } = Versioning.Current;

    /// <summary>Which edit this is.</summary>
    public required EditId EditId { get; init; }

    /// <summary>Grows with every write.</summary>
    public long Sequence { get; init; }

    /// <summary>Names this very write, so that a write whose answer got lost can be told from somebody else's.</summary>
    public string Revision { get; init; } = "";

    /// <summary>How far it is.</summary>
    public EditState State { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it came to its end.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Hash of what was asked for; asking again for the same is no conflict.</summary>
    public required string RequestHash { get; init; }

    /// <summary>Name of the model package.</summary>
    public required string Model { get; init; }

    public required EditSettings Settings { get; init; }

    /// <summary>Working size that was asked for; null takes the model's own with the picture's aspect.</summary>
    public WorkingSize? Size { get; init; }

    public required EditSource Source { get; init; }

    /// <summary>What it computes, and what it may.</summary>
    public EditCost? Cost { get; init; }

    /// <summary>The edit whose tuning it samples again; null when it has made its own.</summary>
    public EditId? From { get; init; }

    /// <summary>The batch that it belongs to, if any.</summary>
    public BatchReference? Batch { get; init; }

    /// <summary>Who asked for it: a signed-in client, the hash of a key, or where it was dropped.</summary>
    public string? Caller { get; init; }

    /// <summary>Where its end is told.</summary>
    public string? Webhook { get; init; }

    /// <summary>The stage whose turn it is.</summary>
    public EditStage Stage { get; init; }

    /// <summary>Number of the newest claim. A worker with an older one writes nothing any more.</summary>
    public int Epoch { get; init; }

    /// <summary>Who works on it; null when nobody does.</summary>
    public EditClaim? Claim { get; init; }

    /// <summary>Claims since the last progress that ended in neither progress nor a preemption with notice.</summary>
    public int Attempts { get; init; }

    /// <summary>Claims since the last progress that ended because their machine lacked disk, memory or a device; no attempts.</summary>
    public int MachineFaults { get; init; }

    /// <summary>The newest time that it went back to an earlier stage.</summary>
    public EditRestart? Restart { get; init; }

    /// <summary>The failure that the newest unsuccessful attempt ended with.</summary>
    public string? LastFailure { get; init; }

    /// <summary>Somebody asked to give it up; honoured between two steps.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>Somebody asked to delete it, and so to give it up. Whoever finds an edit that has ended so removes it.</summary>
    public bool DeleteRequested { get; init; }

    /// <summary>How far the running stage is.</summary>
    public EditProgress? Progress { get; init; }

    /// <summary>The line of a pixel cascade's super-resolution, which is tuned beside the base; the members above are the base's. Null until somebody had it.</summary>
    public EditTurn? SuperResolution { get; init; }

    /// <summary>The stages that have been claimed, in order.</summary>
    public ImmutableArray<StageStatus> Stages { get; init; } = [];

    /// <summary>Folder of the results, below the edit's folder.</summary>
    public string? Results { get; init; }

    /// <summary>SHA-256 over the sizes and the hashes of the pixels of all pictures before they are marked: the same for every run of the same edit.</summary>
    public string? ResultSha256 { get; init; }

    /// <summary>Why it failed.</summary>
    public EditProblem? Error { get; init; }

    /// <summary>What a person should know of its pictures, in sentences.</summary>
    public ImmutableArray<string> Notices { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Files that are not among the results since the model's safety checker withholds them.</summary>
    public ImmutableArray<string> Withheld { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>W3C trace context of the request.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Whether nothing changes any more.</summary>
    public bool HasEnded() => State.HasEnded();

    /// <summary>What is known of a stage.</summary>
    public StageStatus StatusOf(EditStage stage) => Stages.FirstOrDefault(status => status.Stage == stage) ?? new(stage);

    /// <summary>The record with <paramref name="status"/> in the place of the older one.</summary>
    public EditRecord With(StageStatus status) =>
        this with { Stages = [.. Stages.Where(other => other.Stage != status.Stage).Append(status).OrderBy(other => other.Stage)] };

    void IVersioned.CheckRead()
    {
        EnumNames.CheckRead(State);
        EnumNames.CheckRead(Stage);
        if (Stages.IsDefault || Stages.Any(status => status is null)) throw new JsonException("It has no stages.");
        foreach (var status in Stages) EnumNames.CheckRead(status.Stage);
        if (SuperResolution is { } turn) EnumNames.CheckRead(turn.Stage);
    }
}
