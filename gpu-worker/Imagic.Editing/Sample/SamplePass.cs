using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Editing.Descent;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>One of the models that a batch of pictures is denoised with, and how.</summary>
/// <param name="denoiser">The model.</param>
/// <param name="scheduler">The denoising schedule.</param>
/// <param name="tuning">Says what of it was moved.</param>
/// <param name="tuned">What that became, one flat float32 buffer in host memory.</param>
/// <param name="purpose">Names its noise.</param>
/// <param name="shape">Of what one picture is denoised as, (1, C, h, w).</param>
/// <param name="device">Where it computes.</param>
internal abstract class SamplePass(
    Denoiser denoiser, IScheduler scheduler, FineTuneSettings tuning, Tensor tuned, string purpose, long[] shape, Device device)
{
    private double? _blend;

    public int Steps => Scheduler.Timesteps.Count;

    protected UNet2DConditionModel UNet => denoiser.UNet;

    protected IScheduler Scheduler { get; } = scheduler;

    /// <param name="keys">The batch.</param>
    /// <param name="small">What the base made of it, (B, 3, h, w); null for the base itself.</param>
    public abstract Sampler CreateSampler(ImageKey[] keys, Tensor? small);

    public SchedulerStep Start(ImageKey[] keys) => Sampler.Start(Scheduler, Noise(keys, purpose, 0));

    /// <summary>Blends the weights. Those of the package are read again: cheaper than a second copy that is held all the time.</summary>
    public void Apply(double blend)
    {
        if (_blend == blend) return;
        if (blend != 1 || tuning.Tuning != Tuning.Full) denoiser.Reset();
        TunedWeights.Apply(denoiser.UNet.Parameters, tuning, tuned, blend);
        _blend = blend;
    }

    /// <summary>Of one step, for schedules that take some.</summary>
    protected Tensor StepNoise(ImageKey[] keys, int step) => Noise(keys, $"{purpose} step", step);

    // A seed's pictures have the same noise, whatever their strength.
    protected Tensor Noise(ImageKey[] keys, string use, int step) =>
        cat([.. keys.Select(key => StepRandom.Noise(key.Seed, use, step, shape, device))]);
}

/// <summary>The only denoiser, or a cascade's of the small picture.</summary>
internal sealed class BasePass(LoadedModels models, SampleInputs inputs, EditSettings settings) : SamplePass(
    models.Base,
    models.Base.CreateScheduler(settings.Sample.Scheduler, settings.Sample.Steps, settings.SuperResolution?.Variance),
    settings.FineTune, inputs.Tuned, "sample", inputs.Conditions.Latents.shape, models.Device)
{
    public override Sampler CreateSampler(ImageKey[] keys, Tensor? small) => new(
        UNet, Scheduler, SamplePlan.Interpolate(inputs.Conditions.Target, inputs.Optimized, [.. keys.Select(key => key.Strength.Eta)]),
        inputs.Conditions.Negative, settings.Sample.Guidance, inputs.Conditions.TimeIds, noise: step => StepNoise(keys, step));
}

/// <summary>Makes small pictures large, always with e_tgt (paper section 3.3).</summary>
internal sealed class SuperResolutionPass(LoadedModels models, SampleInputs inputs, EditSettings settings) : SamplePass(
    models.SuperResolution,
    models.SuperResolution.CreateScheduler(settings.Sample.Scheduler, settings.SuperResolution!.Steps, settings.SuperResolution.Variance),
    settings.SuperResolution.FineTune, inputs.TunedSuperResolution!, Purpose, Large(inputs.Conditions.Latents.shape, models.Pictures.Factor), models.Device)
{
    private const string Purpose = "sample super-resolution";

    public override Sampler CreateSampler(ImageKey[] keys, Tensor? small)
    {
        var super = settings.SuperResolution!;
        var levels = full([keys.Length], Held((long)super.NoiseLevel), dtype: ScalarType.Int64, device: models.Device);
        var low = LowResolution.From(small!, models.Pictures.Factor, models.Noising);
        var target = inputs.Conditions.Target.Map(part => part.expand([keys.Length, .. part.shape[1..]]));
        return new(
            UNet, Scheduler, target, inputs.Conditions.Negative, super.Guidance, noise: step => StepNoise(keys, step),
            low: (low.Noised(Noise(keys, $"{Purpose} augmentation", 0), levels), levels));
    }

    private static long[] Large(long[] small, int factor) => [.. small[..2], small[2] * factor, small[3] * factor];
}
