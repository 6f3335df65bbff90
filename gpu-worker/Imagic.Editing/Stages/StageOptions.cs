using System.Globalization;
using Imagic.Editing.Checkpoints;

namespace Imagic.Editing.Stages;

/// <summary>Stop after <paramref name="Step"/> steps of a stage, leaving a checkpoint.</summary>
public readonly record struct StopPoint(string Stage, int Step)
{
    /// <summary>Reads <c>STAGE:STEP</c>, e.g. <c>finetune:40</c>.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="stages">The names there are.</param>
    /// <param name="stop">What it says.</param>
    public static bool TryParse(string text, IEnumerable<string> stages, out StopPoint stop)
    {
        stop = default;
        if (text.Split(':') is not [var name, var number] || !stages.Contains(name)) return false;
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var step)) return false;
        stop = new(name, step);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Stage}:{Step}");
}

/// <summary>How stages are run; nothing here changes what they compute.</summary>
public record StageOptions
{
    /// <summary>When checkpoints are written inside a stage.</summary>
    public CheckpointPolicy Checkpoints { get; init; } = new CheckpointPolicy.Fixed(TimeSpan.FromSeconds(60));

    /// <summary>Where to stop early, if anywhere.</summary>
    public StopPoint? StopAfter { get; init; }

    /// <summary>
    /// Leaves a stage between two steps without a checkpoint, and gives up one that is being written: for a run whose
    /// result nobody wants any more.
    /// </summary>
    public CancellationToken Abandon { get; init; }
}
