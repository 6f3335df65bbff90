namespace Imagic.Editing;

/// <summary>Which of an edit's pictures this is.</summary>
/// <param name="Seed">Seed of its starting noise.</param>
/// <param name="Strength">Its η and weight blend.</param>
public readonly record struct ImageKey(long Seed, Strength Strength);

/// <summary>What an edit tells about its progress, through <see cref="IProgress{T}"/>.</summary>
public abstract record EditEvent
{
    /// <summary>A stage begins, or goes on from a checkpoint when <paramref name="Step"/> is not 0.</summary>
    public sealed record StageStarted(EditStage Stage, int Step, int Steps) : EditEvent;

    /// <summary>A stage's result from an earlier run is used again.</summary>
    public sealed record StageReused(EditStage Stage) : EditEvent;

    /// <summary>A training update was done; the loss is the one before the update.</summary>
    public sealed record Trained(EditStage Stage, int Step, int Steps, float Loss) : EditEvent;

    /// <summary>A denoising step was done; pictures that it completed are given along.</summary>
    public sealed record Denoised(int Step, int Steps, IReadOnlyList<(ImageKey Key, RgbImage Picture)> Completed) : EditEvent;

    /// <summary>How the model sees the source at this point of a training stage.</summary>
    public sealed record Reconstructed(EditStage Stage, int Step, RgbImage Picture) : EditEvent;

    /// <summary>A checkpoint is published.</summary>
    /// <param name="Stage">Of which stage.</param>
    /// <param name="Step">Steps that it holds.</param>
    /// <param name="Blocked">Time that steps waited for it: the copy to host memory. Writing went on behind them.</param>
    public sealed record Checkpointed(EditStage Stage, int Step, TimeSpan Blocked) : EditEvent;

    /// <summary>A stage has ended and its result is published.</summary>
    public sealed record StageCompleted(EditStage Stage, int Step, TimeSpan Elapsed) : EditEvent;

    /// <summary>Something that the person should know and that does not stop the edit.</summary>
    public sealed record Notice(string Text) : EditEvent;
}

/// <summary>An edit cannot go on; the sentence says why and what to do.</summary>
public sealed class EditException(string message) : ImagicException("diverged", FaultKind.Failed, message);
