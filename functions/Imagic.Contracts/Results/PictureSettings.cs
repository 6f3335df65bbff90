using System.Text.Json;
using Imagic.Contracts.Edits;
using Imagic.Contracts.Settings;

namespace Imagic.Contracts.Results;

/// <summary>Which of an edit's pictures it is.</summary>
public sealed record PictureCell(long Seed, double Eta, double Blend);

/// <summary>
/// What a picture of the results carries with it, so that the edit can be started again from the file alone. It names
/// neither the edit nor a time: the same edit gives the same bytes in every run.
/// </summary>
public sealed record PictureSettings : IVersioned
{
    /// <summary>Keyword of the PNG's iTXt chunk.</summary>
    public const string Keyword = "imagic";

    public int Schema { get; init; } = Versioning.Current;

    /// <summary>The sentence that became true of the picture.</summary>
    public required string TargetText { get; init; }

    public required string Model { get; init; }

    /// <summary>Working size that was asked for; absent where the model's own was taken.</summary>
    public WorkingSize? Size { get; init; }

    /// <summary>All numbers: with the target text they resolve to the settings of the edit.</summary>
    public required EditOverrides Settings { get; init; }

    /// <summary>
    /// The texts with which it was tuned, where these are others. One start does not give this picture then: an edit with
    /// these texts does, sampled again with <see cref="TargetText"/>.
    /// </summary>
    public EditTexts? Tuned { get; init; }

    public required PictureCell Picture { get; init; }

    /// <summary>Of a picture of an edit.</summary>
    public static PictureSettings Of(EditSettings settings, string model, WorkingSize? size, long seed, Strength strength) => new()
    {
        TargetText = settings.TargetText,
        Model = model,
        Size = size,
        Settings = EditOverrides.Of(settings),
        Tuned = settings.Tuned,
        Picture = new(seed, strength.Eta, strength.Blend),
    };

    /// <summary>As the chunk has it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ContractsJsonContext.Default.PictureSettings);
}
