using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Imagic.Contracts.Settings;

/// <summary>What differs from the profile in one of the two optimizations; absent members keep the profile's.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public record DescentOverrides
{
    public int? Steps { get; init; }

    public double? LearningRate { get; init; }

    /// <summary>Noises and timesteps per update.</summary>
    public int? Batch { get; init; }

    /// <summary>Ends the stage once its mean loss over 50 steps falls by less than this share.</summary>
    public double? EarlyStop { get; init; }

    /// <summary>Equal parts in which a batch is computed, one after the other: less memory, more time.</summary>
    public int? Accumulate { get; init; }

    internal static DescentOverrides Of(DescentSettings settings) => Of(new DescentOverrides(), settings);

    private protected static T Of<T>(T overrides, DescentSettings settings)
        where T : DescentOverrides => overrides with
    {
        Steps = settings.Steps,
        LearningRate = settings.LearningRate,
        Batch = settings.Batch,
        EarlyStop = settings.EarlyStop?.MinImprovement,
        Accumulate = settings.Accumulate ?? 1,
    };

    internal T Over<T>(T start)
        where T : DescentSettings => start with
        {
            Steps = Steps ?? start.Steps,
            LearningRate = LearningRate ?? start.LearningRate,
            Batch = Batch ?? start.Batch,
            EarlyStop = EarlyStop is { } improvement ? new EarlyStop(50, improvement) : start.EarlyStop,
            Accumulate = Parts(start),
        };

    // The profile's parts may not divide another batch. One part is a batch at once.
    private int? Parts(DescentSettings start) => Accumulate switch
    {
        1 => null,
        null when Batch is { } batch && start.Accumulate is { } parts && batch % parts != 0 => batch,
        _ => Accumulate ?? start.Accumulate,
    };
}

/// <summary>The same of stage 2.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FineTuneOverrides : DescentOverrides
{
    /// <summary>What is moved.</summary>
    public Tuning? Tuning { get; init; }

    /// <summary>Rank of LoRA's products.</summary>
    public int? Rank { get; init; }

    /// <summary>How Adam keeps its moments.</summary>
    public Optimizer? Optimizer { get; init; }

    internal static FineTuneOverrides Of(FineTuneSettings settings) =>
        Of(new FineTuneOverrides { Tuning = settings.Tuning, Rank = settings.Rank, Optimizer = settings.Optimizer }, settings);

    internal FineTuneSettings Over(FineTuneSettings start)
    {
        var tuning = Tuning ?? start.Tuning;
        var rank = tuning == Settings.Tuning.Lora ? start.Rank ?? FineTuneSettings.DefaultRank : (int?)null;
        return Over<FineTuneSettings>(start) with { Tuning = tuning, Rank = Rank ?? rank, Optimizer = Optimizer ?? start.Optimizer };
    }
}

/// <summary>The same of a cascade's super-resolution. What of its tuning is absent here is as stage 2 has it, except steps and rate.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SuperResolutionOverrides
{
    public FineTuneOverrides? FineTune { get; init; }

    /// <summary>Classifier-free guidance scale.</summary>
    public double? Guidance { get; init; }

    /// <summary>Denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Timestep up to which the small picture is made noisy.</summary>
    public int? NoiseLevel { get; init; }

    /// <summary>Where DDPM takes its variance from, of both pictures.</summary>
    public SamplingVariance? Variance { get; init; }

    internal static SuperResolutionOverrides Of(SuperResolutionSettings settings) => new()
    {
        FineTune = FineTuneOverrides.Of(settings.FineTune),
        Guidance = settings.Guidance,
        Steps = settings.Steps,
        NoiseLevel = settings.NoiseLevel,
        Variance = settings.Variance,
    };

    internal SuperResolutionSettings Over(SuperResolutionSettings start, FineTuneOverrides stage2) => start with
    {
        FineTune = (FineTune ?? new()).Over((stage2 with { Steps = null, LearningRate = null }).Over(start.FineTune)),
        Guidance = Guidance ?? start.Guidance,
        Steps = Steps ?? start.Steps,
        NoiseLevel = NoiseLevel ?? start.NoiseLevel,
        Variance = Variance ?? start.Variance,
    };
}

/// <summary>What a person changes of a profile; absent members keep the profile's.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EditOverrides
{
    /// <summary>Profile to start from; by default the one that is named like the model, else <c>community</c>.</summary>
    public string? Profile { get; init; }

    /// <summary>How the pictures are made; Imagic when null.</summary>
    public EditMethod? Method { get; init; }

    /// <summary>What guidance steers away from; for DDIB what the source shows.</summary>
    public string? NegativeText { get; init; }

    /// <summary>Seed of the training noise.</summary>
    public long? Seed { get; init; }

    /// <summary>How the source latent is taken.</summary>
    public LatentMode? Latent { get; init; }

    /// <summary>Stage 1.</summary>
    public DescentOverrides? Optimize { get; init; }

    /// <summary>Stage 2.</summary>
    public FineTuneOverrides? FineTune { get; init; }

    /// <summary>Super-resolution; of pixel cascades only.</summary>
    public SuperResolutionOverrides? SuperResolution { get; init; }

    /// <summary>Strengths to render; 0 is always added.</summary>
    public ImmutableArray<double>? Etas { get; init; }

    /// <summary>Finds strengths in place of listing them; those of the list, or of the profile, say how far it goes.</summary>
    public StrengthSearchOverrides? Search { get; init; }

    /// <summary>Weight blends to render.</summary>
    public ImmutableArray<double>? Blends { get; init; }

    /// <summary>One picture per seed and strength.</summary>
    public ImmutableArray<long>? Seeds { get; init; }

    /// <summary>Classifier-free guidance scale.</summary>
    public double? Guidance { get; init; }

    public int? Steps { get; init; }

    public SchedulerType? Scheduler { get; init; }

    /// <summary>Pictures denoised together.</summary>
    public int? SampleBatch { get; init; }

    /// <summary>Those that <see cref="Resolve"/> makes the same settings of, whatever becomes of the profile's numbers; the texts of a tuning aside.</summary>
    public static EditOverrides Of(EditSettings settings) => new()
    {
        Profile = settings.Profile,
        Method = settings.Sample.Method,
        NegativeText = settings.NegativeText,
        Seed = settings.Seed,
        Latent = settings.Latent,
        Optimize = settings.Sample.Method.Tunes() ? DescentOverrides.Of(settings.Optimize) : null,
        FineTune = settings.Sample.Method.Tunes() ? FineTuneOverrides.Of(settings.FineTune) : null,
        SuperResolution = settings.SuperResolution is { } super ? SuperResolutionOverrides.Of(super) : null,
        Etas = settings.Sample.Etas,
        Search = settings.Sample.Search is { } search ? StrengthSearchOverrides.Of(search) : null,
        Blends = settings.Sample.Blends,
        Seeds = settings.Sample.Seeds,
        Guidance = settings.Sample.Guidance,
        Steps = settings.Sample.Steps,
        Scheduler = settings.Sample.Scheduler,
        SampleBatch = settings.Sample.Batch,
    };

    /// <summary>The profile's settings with these put over them, checked.</summary>
    /// <param name="targetText">The sentence that becomes true of the picture.</param>
    /// <param name="model">Name of the model; a profile of that name is its own.</param>
    /// <param name="isCascade">Whether it is a pixel cascade, whose profile is <see cref="EditProfile.Cascade"/>.</param>
    /// <exception cref="EditSettingsException">There is no such profile, or a setting is out of range.</exception>
    public EditSettings Resolve(string targetText, string model, bool isCascade = false)
    {
        var name = Profile ?? EditProfile.NameFor(model, isCascade);
        if (!EditProfile.All.TryGetValue(name, out var profile))
            throw new EditSettingsException("profile", $"'{name}' is unknown; there are {string.Join(", ", EditProfile.All.Keys.Order())}");
        var method = Method ?? EditMethod.Imagic;
        if (!method.Tunes() && (Optimizes ? EditStage.Optimize : FineTunes ? EditStage.FineTune : (EditStage?)null) is { } stage)
            throw new EditSettingsException(stage.Name(), $"is not part of method '{method.Name()}', which tunes nothing; leave it out");
        var start = profile.For(targetText).With(method);
        if (SuperResolution is not null && start.SuperResolution is null)
            throw new EditSettingsException("super-resolution", $"is not part of the profile '{name}'; take '{EditProfile.Cascade}', or leave it out");
        var settings = start with
        {
            NegativeText = NegativeText ?? start.NegativeText,
            Seed = Seed ?? start.Seed,
            Latent = Latent ?? start.Latent,
            Optimize = (Optimize ?? new()).Over(start.Optimize),
            FineTune = (FineTune ?? new()).Over(start.FineTune),
            SuperResolution = start.SuperResolution is null ? null : (SuperResolution ?? new()).Over(start.SuperResolution, FineTune ?? new()),
            Sample = Over(start.Sample with { Blends = Search is null ? start.Sample.Blends : [start.Suggested.Blend] }),
        };
        return Checked(settings);
    }

    /// <summary>The settings of an edit that samples the tuning of another one again, checked.</summary>
    /// <param name="tuned">The settings of that one.</param>
    /// <param name="targetText">The sentence; null is that of the other edit.</param>
    /// <exception cref="EditSettingsException">A setting belongs to the tuning, or is out of range.</exception>
    public EditSettings ResolveAgain(EditSettings tuned, string? targetText)
    {
        OfTuning(Profile, "profile");
        OfTuning(Method, "method");
        OfTuning(Seed, "seed");
        OfTuning(Latent, "latent");
        OfTuning(Optimizes ? Optimize : null, EditStage.Optimize.Name());
        OfTuning(FineTunes ? FineTune : null, EditStage.FineTune.Name());
        OfTuning(SuperResolution?.FineTune, EditStage.FineTuneSuperResolution.Name());
        if (SuperResolution is not null && tuned.SuperResolution is null)
            throw new EditSettingsException("super-resolution", "is for pixel cascades, and the model of that edit is none; leave it out");
        var texts = new EditTexts(targetText ?? tuned.TargetText, NegativeText ?? tuned.NegativeText);
        return Checked(tuned with
        {
            TargetText = texts.TargetText,
            NegativeText = texts.NegativeText,
            Tuned = texts == tuned.TuningTexts || !tuned.Sample.Method.Tunes() ? null : tuned.TuningTexts,
            SuperResolution = tuned.SuperResolution is null ? null : (SuperResolution ?? new()).Over(tuned.SuperResolution, new()),
            Sample = Over(tuned.Sample),
        });

        static void OfTuning(object? value, string setting)
        {
            if (value is not null) throw new EditSettingsException(setting, "belongs to the tuning, which is that of the other edit; leave it out, or start a new edit");
        }
    }

    private bool Optimizes => Optimize is not null && Optimize != new DescentOverrides();

    private bool FineTunes => FineTune is not null && FineTune != new FineTuneOverrides();

    private SamplingSettings Over(SamplingSettings start) => start with
    {
        Etas = Etas ?? start.Etas,
        // Whoever lists strengths wants these.
        Search = Search is not null ? Search.Over(start.Search ?? new()) : Etas is null ? start.Search : null,
        Blends = Blends ?? start.Blends,
        Seeds = Seeds ?? start.Seeds,
        Guidance = Guidance ?? start.Guidance,
        Steps = Steps ?? start.Steps,
        Scheduler = Scheduler ?? start.Scheduler,
        Batch = SampleBatch ?? start.Batch,
    };

    private static EditSettings Checked(EditSettings settings)
    {
        var suggested = EditProfile.All.GetValueOrDefault(settings.Profile)?.Suggested ?? settings.Suggested;
        settings = settings with { Suggested = Nearest(settings, settings.Sample.Method.Suggested(suggested)) };
        settings.Validate();
        return settings;
    }

    // The profile's suggestion may not be among the strengths that the person asked for. Of an edit that samples a tuning
    // again it is the profile's, too: it is as if it had been started so.
    private static Strength Nearest(EditSettings settings, Strength suggested) => new(
        settings.EtasWithSource().MinBy(eta => Math.Abs(eta - suggested.Eta)),
        settings.Sample.Blends.IsDefaultOrEmpty ? 1 : settings.Sample.Blends.MinBy(blend => Math.Abs(blend - suggested.Blend)));
}
