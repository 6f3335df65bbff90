using System.Text.Json.Serialization;

namespace Imagic.Contracts.Settings;

/// <summary>Where DDPM takes the variance of a step from; the names are diffusers'.</summary>
public enum SamplingVariance
{
    /// <summary>The posterior's, β̃.</summary>
    [JsonStringEnumMemberName("fixed_small")]
    FixedSmall,

    /// <summary>What the model says in the second half of its channels.</summary>
    [JsonStringEnumMemberName("learned_range")]
    LearnedRange,
}

/// <summary>What a pixel cascade has besides: the model that makes the small picture large (paper section 3.3 and appendix B).</summary>
public sealed record SuperResolutionSettings
{
    /// <summary>Timesteps of the schedule of the noise that a small picture gets.</summary>
    public const int NoiseLevels = 1000;

    /// <summary>Its tuning, with the target text's own embedding.</summary>
    public required FineTuneSettings FineTune { get; init; }

    /// <summary>Classifier-free guidance scale; 1 turns guidance off.</summary>
    public double Guidance { get; init; } = 4;

    /// <summary>Denoising steps.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Timestep up to which the base's picture is made noisy before it is made large.</summary>
    public int NoiseLevel { get; init; } = 250;

    /// <summary>Where DDPM takes its variance from, of the small picture too.</summary>
    /// <remarks>
    /// Tuning has no loss for what a model says of the variance, yet moves it along with the trunk; the public fine-tuning
    /// scripts sample with the fixed one. With the tests' cascade, fitted to its picture, η = 0 is off by 56 of 255 (root of
    /// the mean square) with the fixed one, by 65 with the learned one.
    /// </remarks>
    public SamplingVariance Variance { get; init; }
}
