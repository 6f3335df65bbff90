using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Imagic.Diffusion.Configuration;
using Imagic.Diffusion.Weights;

namespace Imagic.Diffusion.Schedulers;

/// <summary>How the noise per training step, β, grows.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BetaSchedule>))]
public enum BetaSchedule
{
    /// <summary>β evenly spaced.</summary>
    [JsonStringEnumMemberName("linear")]
    Linear,

    /// <summary>√β evenly spaced; Stable Diffusion.</summary>
    [JsonStringEnumMemberName("scaled_linear")]
    ScaledLinear,

    /// <summary>ᾱ follows cos², β at most 0.999; arXiv 2102.09672.</summary>
    [JsonStringEnumMemberName("squaredcos_cap_v2")]
    SquaredCosine,
}

/// <summary>What the model estimates.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PredictionType>))]
public enum PredictionType
{
    /// <summary>The noise ε.</summary>
    [JsonStringEnumMemberName("epsilon")]
    Epsilon,

    /// <summary>The velocity √ᾱ·ε − √(1−ᾱ)·x₀; arXiv 2202.00512.</summary>
    [JsonStringEnumMemberName("v_prediction")]
    VPrediction,
}

/// <summary>Where DDPM has the variance of its noise from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VarianceType>))]
public enum VarianceType
{
    /// <summary>The posterior's, β̃.</summary>
    [JsonStringEnumMemberName("fixed_small")]
    FixedSmall,

    /// <summary>β itself.</summary>
    [JsonStringEnumMemberName("fixed_large")]
    FixedLarge,

    /// <summary>Between the two as the model says, in the second half of its channels; arXiv 2102.09672.</summary>
    [JsonStringEnumMemberName("learned_range")]
    LearnedRange,
}

/// <summary>How the steps of a run are spread over the training timesteps; arXiv 2305.08891, table 2.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TimestepSpacing>))]
public enum TimestepSpacing
{
    /// <summary>Evenly from the last training timestep to 0.</summary>
    [JsonStringEnumMemberName("linspace")]
    Linspace,

    /// <summary>Multiples of a whole number from 0 up, plus an offset.</summary>
    [JsonStringEnumMemberName("leading")]
    Leading,

    /// <summary>Even distances from the last training timestep down, ending before 0.</summary>
    [JsonStringEnumMemberName("trailing")]
    Trailing,
}

/// <summary>
/// <c>scheduler/scheduler_config.json</c> of a model package. Every scheduler can be made from any such file, as with
/// diffusers' <c>from_config</c>: what the file lacks has the default of the scheduler that is made. Where these
/// differ between schedulers the property is null.
/// </summary>
/// <param name="NumTrainTimesteps">Number of timesteps that the model was trained on.</param>
/// <param name="BetaStart">β of timestep 0.</param>
/// <param name="BetaEnd">β of the last timestep.</param>
/// <param name="BetaSchedule">How β goes from one to the other.</param>
/// <param name="TrainedBetas">Every β, instead of a schedule.</param>
/// <param name="RescaleBetasZeroSnr">Whether β is rescaled so that the last timestep is noise only; arXiv 2305.08891,
/// algorithm 1.</param>
/// <param name="PredictionType">What the model estimates.</param>
/// <param name="TimestepSpacing">How steps are spread over the timesteps.</param>
/// <param name="StepsOffset">Added to the timesteps of leading spacing.</param>
/// <param name="SetAlphaToOne">Whether ᾱ is 1 after the last step of DDIM and PNDM, rather than that of timestep
/// 0.</param>
/// <param name="ClipSample">Whether DDIM clamps its estimate of the clean sample.</param>
/// <param name="ClipSampleRange">The bound of that clamp.</param>
/// <param name="VarianceType">Where DDPM has its variance from; its default when null.</param>
/// <param name="Thresholding">Whether DDPM and DDIM bound their estimate of the clean sample by its own large values
/// (dynamic thresholding, arXiv 2205.11487, section 2.3).</param>
/// <param name="DynamicThresholdingRatio">Share of the values that the bound is to hold.</param>
/// <param name="SampleMaxValue">Largest such bound.</param>
public sealed record SchedulerConfig(
    int NumTrainTimesteps = 1000,
    double BetaStart = 0.0001,
    double BetaEnd = 0.02,
    BetaSchedule BetaSchedule = BetaSchedule.Linear,
    float[]? TrainedBetas = null,
    bool RescaleBetasZeroSnr = false,
    PredictionType PredictionType = PredictionType.Epsilon,
    TimestepSpacing? TimestepSpacing = null,
    int StepsOffset = 0,
    bool? SetAlphaToOne = null,
    bool ClipSample = true,
    double ClipSampleRange = 1,
    VarianceType? VarianceType = null,
    bool Thresholding = false,
    double DynamicThresholdingRatio = 0.995,
    double SampleMaxValue = 1)
{
    // Models are trained on 1,000; a table is made of them.
    private const int MaxTrainTimesteps = 100_000;

    private static readonly SupportedValues Supported = new(new()
    {
        ["beta_schedule"] = ["linear", "scaled_linear", "squaredcos_cap_v2"],
        ["prediction_type"] = ["epsilon", "v_prediction"],
        ["timestep_spacing"] = ["linspace", "leading", "trailing"],
        ["variance_type"] = ["fixed_small", "fixed_large", "learned_range"],
    });

    [JsonIgnore]
    internal string File { get; init; } = "scheduler_config.json";

    [JsonIgnore]
    internal JsonObject Content { get; init; } = [];

    /// <summary>Reads and validates a configuration file.</summary>
    /// <exception cref="ModelPackageException">Names the file, the key and the value that is not supported.</exception>
    public static SchedulerConfig Read(string path) => Parse(path, PackageFile.ReadText(path));

    /// <summary>Reads and validates the text of a configuration file.</summary>
    /// <param name="file">What messages call it.</param>
    /// <param name="json">Its content.</param>
    /// <exception cref="ModelPackageException">Names the file, the key and the value that is not supported.</exception>
    public static SchedulerConfig Parse(string file, string json)
    {
        var content = PackageJson.ParseConfig(file, json);
        Supported.Check(file, content);
        var read = PackageJson.Bind(file, content, DiffusionJson.Default.SchedulerConfig);
        var config = read with { File = file, Content = content };
        config.Validate(file);
        return config;
    }

    /// <summary>
    /// What diffusers' Stable Diffusion pipelines set over whatever a file says: latents have no bounds to clamp to, and
    /// leading timesteps begin at 1 (<c>pipeline_stable_diffusion.py</c>).
    /// </summary>
    public SchedulerConfig ForLatents() => this with { ClipSample = false, StepsOffset = 1 };

    /// <summary>Checks that the values fit each other.</summary>
    /// <exception cref="ModelPackageException">Names <paramref name="file"/>, the key and the value.</exception>
    public void Validate(string file)
    {
        Require(
            NumTrainTimesteps is > 0 and <= MaxTrainTimesteps, $"num_train_timesteps is {NumTrainTimesteps}, expected 1 to {MaxTrainTimesteps}");
        Require(
            StepsOffset >= 0 && StepsOffset <= NumTrainTimesteps, $"steps_offset is {StepsOffset}, expected 0 to num_train_timesteps");
        Require(BetaStart is > 0 and < 1, $"beta_start is {BetaStart}, expected between 0 and 1");
        Require(BetaEnd is > 0 and < 1, $"beta_end is {BetaEnd}, expected between 0 and 1");
        Require(TrainedBetas is null || TrainedBetas.Length == NumTrainTimesteps,
            $"trained_betas has {TrainedBetas?.Length} entries, expected num_train_timesteps, {NumTrainTimesteps}");
        Require(DynamicThresholdingRatio is > 0 and <= 1, $"dynamic_thresholding_ratio is {DynamicThresholdingRatio}, expected above 0, at most 1");
        Require(SampleMaxValue >= 1, $"sample_max_value is {SampleMaxValue}, expected at least 1");
        Require(!RescaleBetasZeroSnr || PredictionType == PredictionType.VPrediction,
            "rescale_betas_zero_snr needs prediction_type v_prediction: from noise alone the noise says nothing");

        void Require(bool holds, string problem)
        {
            if (!holds) throw new ModelPackageException(file, $"{problem}.");
        }
    }

    /// <summary>Checks the keys that only one scheduler reads.</summary>
    /// <exception cref="ModelPackageException">Names the file, the key and the value that is not supported.</exception>
    internal void Require(SupportedValues values) => values.Check(File, Content);
}
