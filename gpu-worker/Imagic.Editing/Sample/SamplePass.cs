using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Editing.Descent;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>θ = θ_base + s·(θ_tuned − θ_base) in a UNet, for one s after the other.</summary>
/// <param name="denoiser">The model.</param>
/// <param name="tuning">Says what of it was moved.</param>
/// <param name="tuned">What that became, one flat float32 buffer in host memory; null where nothing was, and s is 0.</param>
internal sealed class BlendedWeights(Denoiser denoiser, FineTuneSettings tuning, Tensor? tuned)
{
    private double? _blend;

    public Denoiser Denoiser { get; } = denoiser;

    /// <summary>Blends. Weights of the package are read again: cheaper than a second copy that is held all the time.</summary>
    /// <param name="blend">s; 0 gives the package's own weights.</param>
    public UNet2DConditionModel With(double blend)
    {
        if (_blend != blend)
        {
            if (blend != 1 || tuning.Tuning != Tuning.Full) Denoiser.Reset();
            if (blend != 0) TunedWeights.Apply(Denoiser.UNet.Parameters, tuning, tuned!, blend);
            _blend = blend;
        }

        return Denoiser.UNet;
    }
}

/// <summary>One of the models that a batch of pictures is denoised with, and how.</summary>
/// <param name="weights">The model.</param>
/// <param name="scheduler">The denoising schedule.</param>
/// <param name="purpose">Names its noise.</param>
/// <param name="shape">Of what one picture is denoised as, (1, C, h, w).</param>
/// <param name="device">Where it computes.</param>
internal abstract class SamplePass(BlendedWeights weights, IScheduler scheduler, string purpose, long[] shape, Device device)
{
    public int Steps => Scheduler.Timesteps.Count;

    protected IScheduler Scheduler { get; } = scheduler;

    /// <summary>Denoising steps that a batch leaves out at the beginning.</summary>
    public virtual int First(ImageKey[] keys) => 0;

    /// <param name="keys">The batch.</param>
    /// <param name="small">What the base made of it, (B, 3, h, w); null for the base itself.</param>
    public abstract Sampler CreateSampler(ImageKey[] keys, Tensor? small);

    public virtual SchedulerStep Start(ImageKey[] keys) => Sampler.Start(Scheduler, Noise(keys));

    /// <summary>The model, with the blend that the batch has.</summary>
    protected UNet2DConditionModel UNet(ImageKey[] keys) => weights.With(keys[0].Strength.Blend);

    /// <summary>Of one step, for schedules that take some.</summary>
    protected Tensor StepNoise(ImageKey[] keys, int step) => Noise(keys, $"{purpose} step", step);

    /// <summary>Of where it starts.</summary>
    protected Tensor Noise(ImageKey[] keys) => Noise(keys, purpose, 0);

    // A seed's pictures have the same noise, whatever their strength.
    protected Tensor Noise(ImageKey[] keys, string use, int step) =>
        cat([.. keys.Select(key => StepRandom.Noise(key.Seed, use, step, shape, device))]);
}

/// <summary>The only denoiser, or a cascade's of the small picture.</summary>
internal class BasePass(BlendedWeights weights, IScheduler scheduler, SampleInputs inputs, double guidance, Device device)
    : SamplePass(weights, scheduler, "sample", inputs.Conditions.Latents.shape, device)
{
    protected SampleInputs Inputs { get; } = inputs;

    public override Sampler CreateSampler(ImageKey[] keys, Tensor? small) => new(
        UNet(keys), Scheduler, SamplePlan.Interpolate(Inputs.Conditions.Target, Inputs.Optimized, [.. keys.Select(TextStrength)]),
        Inputs.Conditions.Negative, guidance, Inputs.Conditions.TimeIds, noise: step => StepNoise(keys, step));

    /// <summary>η of the texts' interpolation.</summary>
    protected virtual double TextStrength(ImageKey key) => key.Strength.Eta;
}

/// <summary>Makes small pictures large, always with e_tgt (paper section 3.3).</summary>
internal sealed class SuperResolutionPass(LoadedModels models, SampleInputs inputs, EditSettings settings) : SamplePass(
    new(models.SuperResolution, settings.SuperResolution!.FineTune, inputs.TunedSuperResolution!),
    models.SuperResolution.CreateScheduler(settings.Sample.Scheduler, settings.SuperResolution.Steps, settings.SuperResolution.Variance),
    Purpose, Large(inputs.Conditions.Latents.shape, models.Pictures.Factor), models.Device)
{
    private const string Purpose = "sample super-resolution";

    public override Sampler CreateSampler(ImageKey[] keys, Tensor? small)
    {
        var super = settings.SuperResolution!;
        var levels = full([keys.Length], Held((long)super.NoiseLevel), dtype: ScalarType.Int64, device: models.Device);
        var low = LowResolution.From(small!, models.Pictures.Factor, models.Noising);
        var target = inputs.Conditions.Target.Map(part => part.expand([keys.Length, .. part.shape[1..]]));
        return new(
            UNet(keys), Scheduler, target, inputs.Conditions.Negative, super.Guidance, noise: step => StepNoise(keys, step),
            low: (low.Noised(Noise(keys, $"{Purpose} augmentation", 0), levels), levels));
    }

    private static long[] Large(long[] small, int factor) => [.. small[..2], small[2] * factor, small[3] * factor];
}
