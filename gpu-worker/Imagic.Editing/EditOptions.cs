using Imagic.Editing.Checkpoints;

namespace Imagic.Editing;

/// <summary>Stop after <paramref name="Step"/> steps of a stage, leaving a checkpoint.</summary>
public readonly record struct StopPoint(EditStage Stage, int Step)
{
    /// <summary>Reads <c>STAGE:STEP</c>, e.g. <c>finetune:40</c>.</summary>
    public static bool TryParse(string text, out StopPoint stop)
    {
        stop = default;
        if (text.Split(':') is not [var name, var number]) return false;
        if (!EditStageNames.TryParse(name, out var stage) || !int.TryParse(number, out var step) || step < 0) return false;
        stop = new(stage, step);
        return true;
    }
}

/// <summary>How an edit is run; nothing here changes its pictures.</summary>
public sealed record EditOptions
{
    /// <summary>When checkpoints are written inside a stage.</summary>
    public CheckpointPolicy Checkpoints { get; init; } = new CheckpointPolicy.Fixed(TimeSpan.FromSeconds(60));

    /// <summary>Training steps between two pictures of the current reconstruction; 0 makes none.</summary>
    public int PreviewInterval { get; init; }

    /// <summary>Where to stop early, if anywhere.</summary>
    public StopPoint? StopAfter { get; init; }

    /// <summary>
    /// Leaves a stage between two steps without a checkpoint, and gives up one that is being written: for a run whose
    /// result nobody wants any more.
    /// </summary>
    public CancellationToken Abandon { get; init; }
}

/// <summary>A rendered picture of an edit.</summary>
public sealed record EditedImage(ImageKey Key, RgbImage Picture);

/// <summary>How a run ended.</summary>
public abstract record EditOutcome
{
    /// <summary>All stages are done.</summary>
    /// <param name="Pictures">All pictures of the plan.</param>
    /// <param name="Losses">Loss of each step of the two training stages.</param>
    /// <param name="Seconds">Computing time per stage, summed over all runs.</param>
    public sealed record Finished(
        IReadOnlyList<EditedImage> Pictures,
        IReadOnlyDictionary<EditStage, float[]> Losses,
        IReadOnlyDictionary<EditStage, double> Seconds) : EditOutcome;

    /// <summary>The run was stopped; the same edit goes on from here.</summary>
    public sealed record Stopped(EditStage Stage, int Step) : EditOutcome;
}
