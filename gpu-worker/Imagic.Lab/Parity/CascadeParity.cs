using System.Text.RegularExpressions;
using Imagic.Contracts.Settings;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Editing;
using Imagic.Editing.Sample;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Stage 3 of a recorded edit with a pixel cascade: the small picture, and what super-resolution makes of it.</summary>
internal sealed partial class CascadeParity(ReferenceFolder reference, LoadedModels models, OptimizeParity optimize, FineTuneParity fineTune)
    : IParityArea
{
    private const string Base = "base", DefaultEta = "0.8", SmallModel = "lr1e-4", NonSquare = "nonsq";

    private readonly Dictionary<string, Tensor> _runs = [];

    private ReferenceHyperParameters Numbers => reference.HyperParameters;

    public IEnumerable<Quantity> Quantities() => !models.IsCascade ? [] :
    [
        new("trace.sr.upscaled", Limits.Module, () => Upscaled(optimize.Conditions.Latents).Upscaled),
        new("trace.sr.cond_step0", Limits.Module, FirstCondition),
        .. from name in reference.ExpectedNames
           let match = QuantityName.Match(name)
           where match.Success
           select new Quantity(name, Limits.Trace, () => Of(name, match)),
    ];

    private Tensor Of(string name, Match match)
    {
        var run = match.Groups["run"].Value;
        if (!_runs.TryGetValue(run, out var steps)) _runs[run] = steps = Compute(match);
        return name.EndsWith("all_samples", StringComparison.Ordinal) ? steps : steps[^1];
    }

    private Tensor Compute(Match match)
    {
        var isSmall = match.Groups["sr"].Length == 0;
        if (match.Groups["model"].Value is not { Length: > 0 } model)
            return isSmall ? SampleSmall(NonSquare, Base, optimize.Conditions.Target) : Enlarge($"{NonSquare}.sr_", Base, reference.Expected($"{NonSquare}.sample"));
        var eta = match.Groups["eta"] is { Length: > 0 } given ? given.Value : DefaultEta;
        if (!isSmall) return Enlarge("trace.s3sr.", model, reference.Expected($"trace.s3.{SmallModel}.eta{eta}.sample"));
        var text = SamplePlan.Interpolate(optimize.Conditions.Target, optimize.Optimized, [double.Parse(eta)]);
        return SampleSmall("trace.s3", model, text, match.Groups["variance"].Length > 0 ? SamplingVariance.FixedSmall : null);
    }

    /// <summary>Small pictures after each step, (steps, 1, 3, h, w).</summary>
    private Tensor SampleSmall(string inputs, string model, TextEmbedding text, SamplingVariance? variance = null)
    {
        Apply(models.Base, "s2", model);
        var noises = reference.Input($"{inputs}.variance_noise");
        var scheduler = models.Base.CreateScheduler(SchedulerType.Ddpm, (int)noises.shape[0], variance);
        using var sampler = new Sampler(
            models.UNet, scheduler, text, optimize.Conditions.Negative, Numbers.GuidanceScale, noise: step => noises[step]);
        return Run(sampler, scheduler, reference.Input($"{inputs}.x_T"));
    }

    /// <summary>Large pictures after each step, (steps, 1, 3, H, W).</summary>
    private Tensor Enlarge(string inputs, string model, Tensor small)
    {
        Apply(models.SuperResolution, OptimizeParity.SuperResolution, model);
        var noises = reference.Input($"{inputs}variance_noise");
        var scheduler = models.SuperResolution.CreateScheduler(SchedulerType.Ddpm, (int)noises.shape[0]);
        var levels = full([1], Held((long)Numbers.SrNoiseLevel), dtype: ScalarType.Int64, device: models.Device);
        var low = Upscaled(small.to(models.Device)).Noised(reference.Input($"{inputs}aug_noise"), levels);
        using var sampler = new Sampler(
            models.SuperResolution.UNet, scheduler, optimize.Conditions.Target, optimize.Conditions.Negative, Numbers.SrGuidanceScale,
            noise: step => noises[step], low: (low, levels));
        return Run(sampler, scheduler, reference.Input($"{inputs}x_T"));
    }

    private void Apply(Denoiser denoiser, string stage, string model)
    {
        if (model == Base) denoiser.Reset();
        else fineTune.Apply($"{stage}.{model}");
    }

    private static Tensor Run(Sampler sampler, IScheduler scheduler, Tensor start)
    {
        List<Tensor> samples = [];
        sampler.Run(Sampler.Start(scheduler, start), onStep: samples.Add);
        return stack(samples);
    }

    private LowResolution Upscaled(Tensor small) => LowResolution.From(small, models.Pictures.Factor, models.Noising);

    private Tensor FirstCondition()
    {
        var (noise, levels) = OptimizeParity.Recorded(reference, OptimizeParity.SuperResolution).Draw(0).Augmentation!.Value;
        return Upscaled(optimize.Conditions.Latents).Noised(noise, levels);
    }

    [GeneratedRegex(
        @"^(?<run>(trace\.s3(?<sr>sr)?\.(?<model>base|lr\d+(\.\d+)?(e-?\d+)?)(\.eta(?<eta>-?\d+(\.\d+)?))?(\.(?<variance>fixed_small))?\.)"
        + @"|nonsq\.(?<sr>sr_)?)(all_)?samples?$")]
    private static partial Regex QuantityName { get; }
}
