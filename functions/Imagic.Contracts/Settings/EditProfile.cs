using System.Collections.Frozen;

namespace Imagic.Contracts.Settings;

/// <summary>A named set of hyper-parameters; each number can be overridden in <see cref="EditSettings"/>.</summary>
public sealed record EditProfile
{
    /// <summary>Name that <c>--profile</c> takes.</summary>
    public required string Name { get; init; }

    /// <summary>Side of the models that are trained as Stable Diffusion 1 was, in pixels.</summary>
    public const int DefaultSide = 512;

    /// <summary>The profile of a pixel cascade where nobody says another.</summary>
    public const string Cascade = "paper-imagen";

    /// <summary>Where the numbers come from.</summary>
    public required string Source { get; init; }

    /// <summary>Updates of the embedding and their Adam rate.</summary>
    public required DescentSettings Optimize { get; init; }

    /// <summary>Updates of the UNet and their Adam rate.</summary>
    public required FineTuneSettings FineTune { get; init; }

    /// <summary>How the tuned model is sampled.</summary>
    public required SamplingSettings Sample { get; init; }

    /// <summary>Of pixel cascades: how super-resolution is tuned and sampled.</summary>
    public SuperResolutionSettings? SuperResolution { get; init; }

    /// <summary>The (η, s) whose picture is suggested.</summary>
    public required Strength Suggested { get; init; }

    /// <summary>Side of the square that its models are trained on, in pixels.</summary>
    public int Side { get; init; } = DefaultSide;

    /// <summary>How the source latent is taken from the autoencoder's posterior.</summary>
    public LatentMode Latent { get; init; } = LatentMode.Sample;

    /// <summary>The profiles by name.</summary>
    public static FrozenDictionary<string, EditProfile> All { get; } = new[]
    {
        new EditProfile
        {
            Name = "paper-sd",
            Source = "Imagic, arXiv 2210.09276, appendix B (Stable Diffusion variant)",
            Optimize = new(1000, 2e-3),
            FineTune = new(1500, 5e-7),
            Sample = new() { Etas = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0], Blends = [1], Guidance = 7.5, Steps = 50 },
            Suggested = new(0.7, 1),
        },
        new EditProfile
        {
            Name = Cascade,
            Source = "Imagic, arXiv 2210.09276, appendix B (Imagen variant), which names no rates of the models: those as in community; sampling as diffusers' IF pipelines have it",
            Optimize = new(100, 1e-3),
            FineTune = new(1500, 2e-6),
            Sample = new() { Etas = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0], Blends = [1], Guidance = 7, Steps = 100, Scheduler = SchedulerType.Ddpm },
            SuperResolution = new() { FineTune = new(1500, 2e-6) },
            Suggested = new(0.7, 1),
            Side = 256,
        },
        new EditProfile
        {
            Name = "community",
            Source = "diffusers examples/community/imagic_stable_diffusion.py",
            Optimize = new(500, 1e-3),
            FineTune = new(1000, 2e-6),
            Sample = new() { Etas = [0.8, 0.9, 1.0, 1.1, 1.2], Blends = [1], Guidance = 7.5, Steps = 50 },
            Suggested = new(1.0, 1),
        },
        new EditProfile
        {
            Name = "sdxl",
            Source = "D-Edit, arXiv 2403.04880, whose two stages on SDXL are Imagic's: 500 steps each, 2 samples five times; guidance and strengths as in community",
            Optimize = new(500, 1e-4) { Batch = 10, Accumulate = 5 },
            FineTune = new(500, 5e-5) { Batch = 10, Accumulate = 5, Tuning = Tuning.KeysAndValues },
            Sample = new() { Etas = [0.8, 0.9, 1.0, 1.1, 1.2], Blends = [1], Guidance = 7.5, Steps = 50, Batch = 2 },
            Suggested = new(1.0, 1),
            Side = 1024,
        },
        new EditProfile
        {
            Name = "sdxl-lora",
            Source = "D-Edit, arXiv 2403.04880, with rank 4 at 1e-4 in the second stage, for cards with less memory",
            Optimize = new(500, 1e-4) { Batch = 10, Accumulate = 5 },
            FineTune = new(500, 1e-4) { Batch = 10, Accumulate = 5, Tuning = Tuning.Lora, Rank = 4 },
            Sample = new() { Etas = [0.8, 0.9, 1.0, 1.1, 1.2], Blends = [1], Guidance = 7.5, Steps = 50, Batch = 2 },
            Suggested = new(1.0, 1),
            Side = 1024,
        },
        new EditProfile
        {
            Name = "emoji-64",
            Source = "tuned for the embedded model emoji-64, see its README",
            Optimize = new(80, 5e-3) { Batch = 4 },
            FineTune = new(60, 5e-5) { Batch = 4 },
            Sample = new() { Etas = [0.6, 0.8, 1.0, 1.2], Blends = [1, 0.4], Guidance = 2.5, Steps = 25 },
            Suggested = new(1.2, 0.4),
            Latent = LatentMode.Mean,
            Side = 64,
        },
    }.ToFrozenDictionary(profile => profile.Name);

    /// <summary>The profile that a model's edits take when they name none: the one that is named like it, else that of its kind.</summary>
    public static string NameFor(string model, bool isCascade) => All.ContainsKey(model) ? model : isCascade ? Cascade : "community";

    /// <summary>The settings that this profile stands for.</summary>
    public EditSettings For(string targetText) => new()
    {
        TargetText = targetText,
        Profile = Name,
        Optimize = Optimize,
        FineTune = FineTune,
        Sample = Sample,
        SuperResolution = SuperResolution,
        Suggested = Suggested,
        Latent = Latent,
    };
}
