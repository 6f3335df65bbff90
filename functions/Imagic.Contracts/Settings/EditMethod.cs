using System.Text.Json.Serialization;

namespace Imagic.Contracts.Settings;

/// <summary>How pictures are made of a source and a sentence. All have one axis, η: 0 is the source, 1 the target text.</summary>
public enum EditMethod
{
    /// <summary>The sentence is fitted to the picture, the model is tuned on it, and both embeddings are interpolated.</summary>
    [JsonStringEnumMemberName("imagic")]
    Imagic,

    /// <summary>The source is noised up to the share η of the schedule and denoised with the target text (SDEdit, arXiv 2108.01073, section 3).</summary>
    [JsonStringEnumMemberName("sdedit")]
    SdEdit,

    /// <summary>
    /// The noise that DDIM would have made the source of, with the source text, is denoised with e = η·e_tgt + (1−η)·e_src
    /// (dual diffusion implicit bridges, arXiv 2203.08382, algorithm 1, within one model). The source text is the negative
    /// one, so that guidance leaves η = 0 where it is.
    /// </summary>
    [JsonStringEnumMemberName("ddib")]
    Ddib,
}

/// <summary>What follows from the method for the settings of an edit.</summary>
public static class EditMethods
{
    // Weights of the package as they are: θ = θ_base + 0·(θ_tuned − θ_base).
    private const double Untuned = 0;

    /// <summary>Whether the model is tuned before it is sampled.</summary>
    public static bool Tunes(this EditMethod method) => method == EditMethod.Imagic;

    /// <summary>Denoising steps of a picture.</summary>
    public static int StepsAt(this SamplingSettings sample, double eta) =>
        sample.Method == EditMethod.SdEdit ? Math.Clamp((int)Math.Round(eta * sample.Steps), 1, sample.Steps) : sample.Steps;

    /// <summary>The strength whose picture is suggested, where a profile suggests <paramref name="ofProfile"/> for Imagic.</summary>
    internal static Strength Suggested(this EditMethod method, Strength ofProfile) => method switch
    {
        EditMethod.Imagic => ofProfile,
        EditMethod.SdEdit => new(0.7, Untuned),
        _ => new(1, Untuned),
    };

    /// <summary>A profile's settings for the method.</summary>
    public static EditSettings With(this EditSettings start, EditMethod method) => method.Tunes() ? start : start with
    {
        Optimize = start.Optimize with { Steps = 0 },
        FineTune = start.FineTune with { Steps = 0 },
        Suggested = method.Suggested(start.Suggested),
        Sample = start.Sample with
        {
            Method = method,
            Search = null,
            Etas = method == EditMethod.SdEdit ? [0.5, 0.6, 0.7, 0.8, 0.9] : [0.6, 0.8, 1],
            Blends = [Untuned],
            Seeds = method == EditMethod.Ddib ? start.Sample.Seeds[..1] : start.Sample.Seeds,
        },
    };

    /// <exception cref="EditSettingsException">A setting does not go with the method.</exception>
    internal static void Check(EditSettings settings)
    {
        var sample = settings.Sample;
        Require(Enum.IsDefined(sample.Method), "method", $"must be one of {EnumNames.List<EditMethod>()}");
        var name = sample.Method.Name();
        if (sample.Method.Tunes()) return;
        Require(settings.SuperResolution is null, "method", $"{name} is for models without super-resolution; pixel cascades take {EditMethod.Imagic.Name()}");
        Require(settings.Optimize.Steps == 0 && settings.FineTune.Steps == 0, "steps of optimize and finetune", $"must be 0 with method {name}, which tunes nothing; leave them out");
        Require(sample.Search is null, "search", $"is for method {EditMethod.Imagic.Name()}; list strengths for {name}, or leave both out");
        Require(sample.Blends.All(blend => blend == Untuned), "blend", $"must be 0 with method {name}, which tunes nothing; leave it out");
        Require(sample.Scheduler == SchedulerType.Ddim, "scheduler", $"must be {SchedulerType.Ddim.Name()} with method {name}");
        if (sample.Method == EditMethod.SdEdit) Require(sample.Etas.All(eta => eta is >= 0 and <= 1), "eta", $"must lie in 0 to 1 with method {name}: the share of the schedule up to which the source is noised");
        else Require(sample.Seeds.Distinct().Count() == 1, "seeds", $"must be one with method {name}, which starts from the source's own noise: all seeds give the same picture");

        static void Require(bool condition, string setting, string rule)
        {
            if (!condition) throw new EditSettingsException(setting, rule);
        }
    }
}
