namespace Imagic.Editing.Stages;

/// <summary>What a running stage tells, through <see cref="IProgress{T}"/>.</summary>
/// <param name="Stage">Name of the stage.</param>
public abstract record StageEvent(string Stage)
{
    /// <summary>It begins, or goes on from a checkpoint when <paramref name="Step"/> is not 0.</summary>
    public sealed record Started(string Stage, int Step, int Steps) : StageEvent(Stage);

    /// <summary>Its result from an earlier run is used again.</summary>
    public sealed record Reused(string Stage) : StageEvent(Stage);

    /// <summary>A step was done; <paramref name="Loss"/> is the one before it.</summary>
    public sealed record Advanced(string Stage, int Step, int Steps, float? Loss) : StageEvent(Stage);

    /// <summary>How the model sees the source at this point of an optimization.</summary>
    public sealed record Reconstructed(string Stage, int Step, RgbImage Picture) : StageEvent(Stage);

    /// <summary>A checkpoint is published.</summary>
    /// <param name="Stage">Of which stage.</param>
    /// <param name="Step">Steps that it holds.</param>
    /// <param name="Blocked">Time that steps waited for it: the copy to host memory. Writing went on behind them.</param>
    public sealed record Checkpointed(string Stage, int Step, TimeSpan Blocked) : StageEvent(Stage);

    /// <summary>It has ended and its result is published.</summary>
    public sealed record Completed(string Stage, int Step, TimeSpan Elapsed) : StageEvent(Stage);

    /// <summary>Something that a person should know and that does not stop the stage.</summary>
    public sealed record Notice(string Stage, string Text) : StageEvent(Stage);
}
