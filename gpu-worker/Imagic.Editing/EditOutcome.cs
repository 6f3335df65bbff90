using Imagic.Editing.Memory;
using Imagic.Editing.Stages;

namespace Imagic.Editing;

/// <summary>Which of an edit's pictures this is.</summary>
/// <param name="Seed">Seed of its starting noise.</param>
/// <param name="Strength">Its η and weight blend.</param>
public readonly record struct ImageKey(long Seed, Strength Strength);

/// <summary>A rendered picture of an edit.</summary>
public sealed record EditedImage(ImageKey Key, RgbImage Picture)
{
    /// <summary>The small picture that a cascade's base made, of which super-resolution has made this one.</summary>
    public RgbImage? Small { get; init; }

    /// <summary>1 for the suggested picture, 2 … for those of other seeds; 0 for the rest.</summary>
    public int Rank { get; init; }

    /// <summary>What a search knows of it; null where strengths were listed.</summary>
    public FoundStrength? Found { get; init; }
}

/// <summary>What a search knows of a picture that it has kept.</summary>
/// <param name="IsDraft">It was made in few steps.</param>
/// <param name="Distance">From the source, see <see cref="IPictureSpace.Distances"/>.</param>
/// <param name="Alignment">What it shows of the text: 0 for the source, 1 for the picture that the text alone gives.</param>
public sealed record FoundStrength(bool IsDraft, double Distance, double Alignment);

/// <summary>How an edit is run; nothing here changes its pictures.</summary>
public sealed record EditOptions : StageOptions
{
    /// <summary>Updates between two pictures of the current reconstruction; 0 makes none.</summary>
    public int PreviewInterval { get; init; }

    /// <summary>How training is to fit into memory.</summary>
    public MemoryOptions Memory { get; init; } = new();
}

/// <summary>How a run ended.</summary>
public abstract record EditOutcome
{
    /// <summary>All stages are done.</summary>
    /// <param name="Pictures">All pictures of the plan.</param>
    /// <param name="Losses">Loss of each step of the optimizations.</param>
    /// <param name="Seconds">Computing time per stage, summed over all runs.</param>
    public sealed record Finished(
        IReadOnlyList<EditedImage> Pictures,
        IReadOnlyDictionary<EditStage, float[]> Losses,
        IReadOnlyDictionary<EditStage, double> Seconds) : EditOutcome;

    /// <summary>The run was stopped; the same edit goes on from here.</summary>
    public sealed record Stopped(EditStage Stage, int Step) : EditOutcome;
}

/// <summary>An edit cannot go on; the sentence says why and what to do.</summary>
public sealed class EditException(string message) : ImagicException("diverged", FaultKind.Failed, message);

/// <summary>A stage has no result that a later one could start from; once it is done again, there is one.</summary>
public sealed class ResultMissingException(EditStage stage, string why)
    : ImagicException("result-missing", FaultKind.Failed, $"The result of stage {stage.Name()} is missing: {why}")
{
    /// <summary>The stage that has to be done again.</summary>
    public EditStage Stage { get; } = stage;
}
