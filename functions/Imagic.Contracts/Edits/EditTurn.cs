using System.Collections.Immutable;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Edits;

/// <summary>
/// Where a line of stages is and who works on it. An edit has one line; that of a pixel cascade has a second, on which
/// super-resolution is tuned beside the base. They meet at <see cref="EditStage.Sample"/>.
/// </summary>
/// <param name="Stage">The stage whose turn it is.</param>
public sealed record EditTurn(EditStage Stage)
{
    /// <summary>Number of the newest claim on this line. A worker with an older one writes nothing any more.</summary>
    public int Epoch { get; init; }

    /// <summary>Who works on it; null when nobody does.</summary>
    public EditClaim? Claim { get; init; }

    /// <summary>Claims since the last progress that ended in neither progress nor a preemption with notice.</summary>
    public int Attempts { get; init; }

    /// <summary>Claims since the last progress that ended because their machine lacked disk, memory or a device; no attempts.</summary>
    public int MachineFaults { get; init; }

    /// <summary>The failure that the newest unsuccessful attempt ended with.</summary>
    public string? LastFailure { get; init; }

    /// <summary>How far its stage is.</summary>
    public EditProgress? Progress { get; init; }

    /// <summary>The turn after progress: earlier failures do not count any more.</summary>
    public EditTurn WithProgress() => this with { Attempts = 0, MachineFaults = 0, LastFailure = null };

    /// <summary>The turn of <paramref name="stage"/>, which nobody has yet.</summary>
    public EditTurn At(EditStage stage) => WithProgress() with { Stage = stage, Claim = null };
}

/// <summary>Which stages of an edit may be worked on, and what follows on them.</summary>
public static class EditTurns
{
    private const EditStage Beside = EditStage.FineTuneSuperResolution;

    /// <summary>The turn of the line that a stage is on.</summary>
    public static EditTurn TurnOf(this EditRecord record, EditStage stage) => stage == Beside
        ? record.SuperResolution ?? new(Beside)
        : new(record.Stage)
        {
            Epoch = record.Epoch,
            Claim = record.Claim,
            Attempts = record.Attempts,
            MachineFaults = record.MachineFaults,
            LastFailure = record.LastFailure,
            Progress = record.Progress,
        };

    /// <summary>The record with <paramref name="turn"/> for the line that <paramref name="stage"/> is on.</summary>
    public static EditRecord With(this EditRecord record, EditStage stage, EditTurn turn)
    {
        var next = stage == Beside
            ? record with { SuperResolution = turn }
            : record with
            {
                Stage = turn.Stage,
                Epoch = turn.Epoch,
                Claim = turn.Claim,
                Attempts = turn.Attempts,
                MachineFaults = turn.MachineFaults,
                LastFailure = turn.LastFailure,
                Progress = turn.Progress,
            };
        return next.HasEnded() ? next : next with { State = next.Claim is null && next.SuperResolution?.Claim is null ? EditState.Queued : EditState.Running };
    }

    /// <summary>Whether the line has left the stage behind.</summary>
    public static bool IsPast(this EditRecord record, EditStage stage) => record.TurnOf(stage).Stage > stage;

    /// <summary>The stages that may be worked on now: one, or two that tune a cascade side by side.</summary>
    public static IEnumerable<EditStage> Due(this EditRecord record) => record.Settings.Stages().Where(stage => stage switch
    {
        Beside => record.Stage > EditStage.Optimize && !record.IsPast(Beside),
        EditStage.Sample when record.Settings.SuperResolution is not null => record.Stage == stage && record.IsPast(Beside),
        _ => record.Stage == stage,
    });

    /// <summary>
    /// The stages to ask for once <paramref name="stage"/> is done. Of two that are tuned side by side the one whose
    /// result came second asks for what follows on both.
    /// </summary>
    public static ImmutableArray<EditStage> DueAfter(this EditRecord record, EditStage stage) => stage switch
    {
        _ when record.Settings.SuperResolution is null => [record.Settings.StageAfter(stage)],
        EditStage.Optimize => record.IsPast(Beside) ? [EditStage.FineTune] : [EditStage.FineTune, Beside],
        EditStage.FineTune => record.StatusOf(Beside).Done ? [EditStage.Sample] : [],
        _ => record.StatusOf(EditStage.FineTune).Done ? [EditStage.Sample] : [],
    };

    /// <summary>The record after <paramref name="stage"/> is done.</summary>
    public static EditRecord MovedOnFrom(this EditRecord record, EditStage stage) => record.With(stage, record.TurnOf(stage).At(stage switch
    {
        EditStage.Optimize => EditStage.FineTune,
        _ => EditStage.Sample,
    }));

    /// <summary>The record after the result of <paramref name="stage"/> was found to be missing.</summary>
    public static EditRecord BackAt(this EditRecord record, EditStage stage)
    {
        // Super-resolution is tuned with the same numbers, however often the base's stages are done.
        record = record with
        {
            Stages = [.. record.Stages.Select(status => status.Stage == stage || (stage != Beside && status.Stage > stage && status.Stage != Beside)
                ? status with { Done = false, Step = 0, Checkpoint = null, Bytes = null, Sha256 = null } : status)],
        };
        var turn = record.TurnOf(stage);
        // Whoever has a later stage of the line has it no longer.
        return record.With(stage, turn.At(stage) with { Epoch = turn.Claim is null ? turn.Epoch : turn.Epoch + 1 });
    }

    /// <summary>What is known of the stages that tune.</summary>
    public static IEnumerable<StageStatus> Tuning(this EditRecord record) =>
        record.Settings.Stages().Where(stage => stage < EditStage.Sample).Select(record.StatusOf);

    /// <summary>Whether what the stages before sampling give is there, where other edits find it too.</summary>
    public static bool IsTuned(this EditRecord record) => record.Tuning().All(status => status is { Done: true, Sha256: not null });

    /// <summary>Whether there is a tuning that other edits may share; those of methods that tune nothing have none.</summary>
    public static bool HasTuning(this EditRecord record) => record.Settings.Sample.Method.Tunes() && record.IsTuned();

    /// <summary>Hashes of the tunings that it refers to once it has ended: what it ended without is of no use.</summary>
    public static IReadOnlyCollection<string> KeptTunings(this EditRecord record) =>
        record.State == EditState.Succeeded ? [.. record.Stages.Select(status => status.Sha256).OfType<string>()] : [];

    /// <summary>What is at work for people who look at one stage at a time: while the base waits for super-resolution, that.</summary>
    public static EditTurn ShownTurn(this EditRecord record) => record.TurnOf(
        record is { Stage: EditStage.Sample, Settings.SuperResolution: not null } && !record.IsPast(Beside) ? Beside : record.Stage);
}
