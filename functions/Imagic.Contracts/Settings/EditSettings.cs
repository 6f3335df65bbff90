using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Imagic.Contracts.Settings;

/// <summary>How the source latent is taken from the autoencoder's posterior.</summary>
public enum LatentMode
{
    /// <summary>The posterior mean: the sharpest reconstruction.</summary>
    [JsonStringEnumMemberName("mean")]
    Mean,

    /// <summary>One draw from the posterior, as the public Imagic scripts do.</summary>
    [JsonStringEnumMemberName("sample")]
    Sample,
}

/// <summary>How far an edit goes: two knobs that are free after one tuning.</summary>
/// <param name="Eta">η in e = η·e_tgt + (1−η)·e_opt; 0 is the source, 1 the target text (paper section 3.2).</param>
/// <param name="Blend">s in θ = θ_base + s·(θ_tuned − θ_base); plain Imagic is 1.</param>
public readonly record struct Strength(double Eta, double Blend);

/// <summary>One of the two optimizations.</summary>
/// <param name="Steps">Adam updates.</param>
/// <param name="LearningRate">Constant Adam rate; betas 0.9 and 0.999, ε 1e-8, no weight decay.</param>
public record DescentSettings(int Steps, double LearningRate)
{
    /// <summary>Noises and timesteps drawn per update.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Stops before the last step when the loss no longer falls; null never does.</summary>
    public EarlyStop? EarlyStop { get; init; }

    /// <summary>Equal parts in which a batch is computed, one after the other; null computes it at once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Accumulate { get; init; }
}

/// <summary>What stage 2 moves.</summary>
public enum Tuning
{
    /// <summary>All weights of the UNet.</summary>
    [JsonStringEnumMemberName("full")]
    Full,

    /// <summary>The keys and values of the attention to the text: <c>attn2.to_k</c> and <c>attn2.to_v</c>, in cascades <c>add_k_proj</c> and <c>add_v_proj</c>.</summary>
    [JsonStringEnumMemberName("kv")]
    KeysAndValues,

    /// <summary>Products of low rank beside every projection of every attention (LoRA, arXiv 2106.09685).</summary>
    [JsonStringEnumMemberName("lora")]
    Lora,
}

/// <summary>How Adam keeps its moments.</summary>
public enum Optimizer
{
    /// <summary>In float32.</summary>
    [JsonStringEnumMemberName("adamw")]
    AdamW,

    /// <summary>In 8 bits, block by block: 6 bytes less for each number that is tuned.</summary>
    [JsonStringEnumMemberName("adamw8bit")]
    AdamW8Bit,
}

/// <summary>The second optimization; what is left at its default is not written, so that it is no part of a fingerprint.</summary>
public sealed record FineTuneSettings(int Steps, double LearningRate) : DescentSettings(Steps, LearningRate)
{
    /// <summary>Rank of the products where nobody says another.</summary>
    public const int DefaultRank = 4;

    /// <summary>What is moved.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Tuning Tuning { get; init; }

    /// <summary>Rank of LoRA's products; the scale α/rank is 1. Null for other kinds of tuning.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Rank { get; init; }

    /// <summary>How Adam keeps its moments.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Optimizer Optimizer { get; init; }
}

/// <summary>The pictures to render from one tuned model: all seeds × strengths.</summary>
public sealed record SamplingSettings
{
    /// <summary>How they are made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EditMethod Method { get; init; }

    /// <summary>One starting noise each.</summary>
    public ImmutableArray<long> Seeds { get; init; } = [1, 2, 3];

    /// <summary>Interpolations to render; 0 is always added, it has to reconstruct the source.</summary>
    public ImmutableArray<double> Etas { get; init; } = [];

    /// <summary>Finds each seed's strengths, between 0 and the largest of <see cref="Etas"/> or a little beyond; null renders those of the list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StrengthSearch? Search { get; init; }

    /// <summary>Weight blends to render.</summary>
    public ImmutableArray<double> Blends { get; init; } = [1];

    /// <summary>Classifier-free guidance scale; 1 turns guidance off.</summary>
    public double Guidance { get; init; } = 7.5;

    public int Steps { get; init; } = 50;

    public SchedulerType Scheduler { get; init; } = SchedulerType.Ddim;

    /// <summary>Pictures denoised together. Part of the result's identity: rounding differs between batch sizes.</summary>
    public int Batch { get; init; } = 8;
}

/// <summary>The texts of an edit.</summary>
/// <param name="TargetText">The sentence that becomes true of the picture.</param>
/// <param name="NegativeText">What guidance steers away from.</param>
public sealed record EditTexts(string TargetText, string NegativeText);

/// <summary>All that decides what an edit's pictures are, apart from the source picture and the model.</summary>
public sealed record EditSettings
{
    /// <summary>Characters of a text; the models read about 300.</summary>
    public const int MaxTextLength = 1000;

    /// <summary>Pictures of one edit.</summary>
    public const int MaxPictures = 256;

    private static readonly ImmutableArray<EditStage> All = [.. Enum.GetValues<EditStage>()];
    private static readonly ImmutableArray<EditStage> AllButSuperResolution = All.Remove(EditStage.FineTuneSuperResolution);
    private static readonly ImmutableArray<EditStage> SampleAlone = [EditStage.Sample];

    /// <summary>The sentence that becomes true of the picture.</summary>
    public required string TargetText { get; init; }

    /// <summary>What guidance steers away from; empty is plain classifier-free guidance. For DDIB what the source shows.</summary>
    public string NegativeText { get; init; } = "";

    /// <summary>The texts with which it was tuned, where these are others: e = η·e_new + (1−η)·e_opt. Null where they are the same.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EditTexts? Tuned { get; init; }

    /// <summary>The texts with which it is tuned.</summary>
    [JsonIgnore]
    public EditTexts TuningTexts => Tuned ?? new(TargetText, NegativeText);

    /// <summary>Name of the profile that the numbers started from.</summary>
    public required string Profile { get; init; }

    /// <summary>Stage 1, the embedding.</summary>
    public required DescentSettings Optimize { get; init; }

    /// <summary>Stage 2, the UNet.</summary>
    public required FineTuneSettings FineTune { get; init; }

    /// <summary>Stage 3, the pictures.</summary>
    public required SamplingSettings Sample { get; init; }

    /// <summary>The second model of a pixel cascade; null for other models.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SuperResolutionSettings? SuperResolution { get; init; }

    /// <summary>The strength whose picture is suggested.</summary>
    public required Strength Suggested { get; init; }

    /// <summary>How the source latent is taken.</summary>
    public LatentMode Latent { get; init; } = LatentMode.Sample;

    /// <summary>Seed of the training noise and of the latent draw.</summary>
    public long Seed { get; init; }

    /// <summary>The stages that the edit has, in order.</summary>
    public ImmutableArray<EditStage> Stages() => !Sample.Method.Tunes() ? SampleAlone : SuperResolution is null ? AllButSuperResolution : All;

    /// <summary>The stage that follows on <paramref name="stage"/>, which is not the last.</summary>
    public EditStage StageAfter(EditStage stage) => Stages().First(other => other > stage);

    /// <summary>η of every picture in order, 0 first.</summary>
    public ImmutableArray<double> EtasWithSource() => [.. Sample.Etas.Append(0).Distinct().Order()];

    // Also of what shows nothing: marks of zero width, fillers.
    private static bool IsBlank(string? text) => text is null || text.EnumerateRunes().All(rune =>
        Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format || rune.Value is 0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0);

    /// <summary>Checks every number.</summary>
    /// <exception cref="EditSettingsException">A setting is out of its range; the sentence names it.</exception>
    public void Validate()
    {
        Require(!IsBlank(TargetText), "target text", "is empty; describe the edited picture");
        Text("target text", TargetText);
        Text("negative text", NegativeText);
        // A number in place of the name would get through the JSON.
        Require(Enum.IsDefined(Latent), "latent", $"must be one of {EnumNames.List<LatentMode>()}");
        Require(Enum.IsDefined(Sample.Scheduler), "scheduler", $"must be one of {EnumNames.List<SchedulerType>()}");
        Training("optimize", Optimize);
        Tuned("finetune", FineTune);
        if (SuperResolution is { } super)
        {
            Tuned(EditStage.FineTuneSuperResolution.Name(), super.FineTune);
            Require(super.Guidance is >= 0 and <= 50, "super-resolution guidance", "must lie in 0 to 50");
            Require(super.Steps is >= 1 and <= 1000, "super-resolution steps", "must lie in 1 to 1000");
            Require(super.NoiseLevel is >= 0 and < SuperResolutionSettings.NoiseLevels, "super-resolution noise level", $"must lie in 0 to {SuperResolutionSettings.NoiseLevels - 1}");
            Require(Enum.IsDefined(super.Variance), "variance", $"must be one of {EnumNames.List<SamplingVariance>()}");
        }

        Require(!Sample.Seeds.IsDefaultOrEmpty, "seeds", "are empty; give at least one");
        Require(!Sample.Blends.IsDefaultOrEmpty, "blends", "are empty; give at least one, such as 1");
        Require(!Sample.Etas.IsDefault && Sample.Etas.All(eta => eta is >= -1 and <= 3), "eta", "must lie in -1 to 3");
        Require(Sample.Blends.All(blend => blend is >= 0 and <= 2), "blend", "must lie in 0 to 2");
        // Before they are compared with each other: even equal ones would be stored.
        Require(Sample.Seeds.Length <= MaxPictures, "seeds", $"are more than {MaxPictures}");
        Require(Sample.Etas.Length <= MaxPictures, "eta values", $"are more than {MaxPictures}");
        Require(Sample.Blends.Length <= MaxPictures, "blends", $"are more than {MaxPictures}");
        Require(
            (long)Sample.Seeds.Distinct().Count() * EtasWithSource().Length * Sample.Blends.Distinct().Count() <= MaxPictures,
            "number of pictures", $"(seeds x eta x blends) may be at most {MaxPictures}");
        if (Sample.Search is { } search)
        {
            Require(Sample.Etas.Any(eta => eta > 0), "eta", "must hold one above 0 for a search, which goes up to it");
            Require(search.Renders is >= StrengthSearch.FewestRenders and <= StrengthSearch.MostRenders, "search renders", $"must lie in {StrengthSearch.FewestRenders} to {StrengthSearch.MostRenders}");
            Require(search.Steps is >= 1 and <= 1000, "search steps", "must lie in 1 to 1000");
            Require(search.Alignment is >= 0 and <= 1, "search alignment", "must lie in 0 to 1");
            Require((long)Sample.Seeds.Distinct().Count() * Sample.Blends.Distinct().Count() * search.Renders <= MaxPictures, "number of drafts", $"(seeds x blends x renders) may be at most {MaxPictures}");
        }

        Require(Sample.Guidance is >= 0 and <= 50, "guidance", "must lie in 0 to 50");
        Require(Sample.Steps is >= 1 and <= 1000, "sampling steps", "must lie in 1 to 1000");
        Require(Sample.Batch is >= 1 and <= 256, "sampling batch", "must lie in 1 to 256");
        Require(
            EtasWithSource().Contains(Suggested.Eta) && Sample.Blends.Contains(Suggested.Blend),
            "suggested strength", "must be one of the rendered eta and blend values");
        EditMethods.Check(this);

        static void Text(string setting, string text)
        {
            Require(text.Length <= MaxTextLength, setting, $"has {text.Length} characters; at most {MaxTextLength} are accepted");
            Require(!text.Any(char.IsControl), setting, "holds control characters; send plain text on one line");
        }

        static void Tuned(string stage, FineTuneSettings training)
        {
            Training(stage, training);
            Require(Enum.IsDefined(training.Tuning), $"{stage} tuning", $"must be one of {EnumNames.List<Tuning>()}");
            Require(Enum.IsDefined(training.Optimizer), $"{stage} optimizer", $"must be one of {EnumNames.List<Optimizer>()}");
            if (training.Tuning == Tuning.Lora) Require(training.Rank is >= 1 and <= 256, $"{stage} rank", "must lie in 1 to 256");
            else Require(training.Rank is null, $"{stage} rank", $"is for tuning {Tuning.Lora.Name()} only; leave it out or ask for that");
        }

        static void Training(string stage, DescentSettings training)
        {
            Require(training.Steps is >= 0 and <= 100_000, $"{stage} steps", "must lie in 0 to 100000");
            Require(training.LearningRate is > 0 and <= 1, $"{stage} learning rate", "must lie in 0 to 1");
            Require(training.Batch is >= 1 and <= 256, $"{stage} batch", "must lie in 1 to 256");
            Require(
                training.Accumulate is null || (training.Accumulate >= 1 && training.Batch % training.Accumulate == 0),
                $"{stage} accumulation", $"must divide its batch of {training.Batch}");
            training.EarlyStop?.Validate(stage);
        }

        static void Require(bool condition, string setting, string rule)
        {
            if (!condition) throw new EditSettingsException(setting, rule);
        }
    }
}

/// <summary>A setting of an edit is out of its range.</summary>
public sealed class EditSettingsException(string setting, string rule)
    : ImagicException("invalid-setting", FaultKind.BadInput, $"The {setting} {rule}.")
{
    /// <summary>What is wrong, in the words of the command line.</summary>
    public string Setting { get; } = setting;
}
