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

    /// <summary>What guidance steers away from.</summary>
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

    /// <summary>The profile's settings with these put over them, checked.</summary>
    /// <param name="targetText">The sentence that becomes true of the picture.</param>
    /// <param name="model">Name of the model; a profile of that name is its own.</param>
    /// <exception cref="EditSettingsException">There is no such profile, or a setting is out of range.</exception>
    public EditSettings Resolve(string targetText, string model)
    {
        var name = Profile ?? (EditProfile.All.ContainsKey(model) ? model : "community");
        if (!EditProfile.All.TryGetValue(name, out var profile))
            throw new EditSettingsException("profile", $"'{name}' is unknown; there are {string.Join(", ", EditProfile.All.Keys.Order())}");
        var start = profile.For(targetText);
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
            Sample = start.Sample with
            {
                Etas = Etas ?? start.Sample.Etas,
                Blends = Blends ?? start.Sample.Blends,
                Seeds = Seeds ?? start.Sample.Seeds,
                Guidance = Guidance ?? start.Sample.Guidance,
                Steps = Steps ?? start.Sample.Steps,
                Scheduler = Scheduler ?? start.Sample.Scheduler,
                Batch = SampleBatch ?? start.Sample.Batch,
            },
        };
        settings = settings with { Suggested = Nearest(settings) };
        settings.Validate();
        return settings;
    }

    // The profile's suggestion may not be among the strengths that the person asked for.
    private static Strength Nearest(EditSettings settings) => new(
        settings.EtasWithSource().MinBy(eta => Math.Abs(eta - settings.Suggested.Eta)),
        settings.Sample.Blends.IsDefaultOrEmpty ? 1 : settings.Sample.Blends.MinBy(blend => Math.Abs(blend - settings.Suggested.Blend)));
}
