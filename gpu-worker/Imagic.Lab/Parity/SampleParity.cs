using System.Text.RegularExpressions;
using Imagic.Editing;
using Imagic.Editing.Sample;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Stage 3 of the recorded edit: each UNet, tuned or not, sampled at each η.</summary>
internal sealed partial class SampleParity(
    ReferenceFolder reference, LoadedModels models, OptimizeParity optimize, FineTuneParity fineTune) : IParityArea
{
    private const string Base = "base";

    private readonly Dictionary<(string Model, string Eta, string Scheduler), Tensor> _latents = [];

    public IEnumerable<Quantity> Quantities() =>
        from name in reference.ExpectedNames
        let match = QuantityName.Match(name)
        where match.Success
        let run = (match.Groups["model"].Value, match.Groups["eta"].Value, match.Groups["scheduler"].Value)
        select new Quantity(name, Limits.Trace, () => Of(run, match.Groups["quantity"].Value));

    private Tensor Of((string Model, string Eta, string Scheduler) run, string quantity)
    {
        var steps = LatentsOf(run);
        return quantity switch
        {
            "all_latents" => steps,
            "latents" => steps[^1],
            "decoded" => Decode(steps[^1]),
            _ => (Decode(steps[^1]) / Held(2)).add(Held(0.5), One).clamp(Held(0), Held(1)),
        };
    }

    private Tensor Decode(Tensor latents) => models.Vae.Decode(latents / Held(models.Vae.Config.ScalingFactor));

    private Tensor LatentsOf((string Model, string Eta, string Scheduler) run)
    {
        if (_latents.TryGetValue(run, out var latents)) return latents;
        if (run.Model == Base) models.ResetUNet();
        else fineTune.Apply($"s2.{run.Model}");
        return _latents[run] = Sample(double.Parse(run.Eta), run.Scheduler.Length == 0 ? SchedulerType.Ddim : SchedulerType.Euler);
    }

    /// <summary>Latents after each step, (steps, 1, C, h, w).</summary>
    private Tensor Sample(double eta, SchedulerType kind)
    {
        var numbers = reference.HyperParameters;
        var scheduler = models.CreateScheduler(kind, numbers.SamplingSteps);
        var noise = reference.Input("trace.s3.latents0");
        var (target, negative) = (optimize.Conditions.Target, optimize.Conditions.Negative);
        var text = SamplePlan.Interpolate(target, optimize.Optimized, [eta]);
        using var sampler = new Sampler(models.UNet, scheduler, text, negative, numbers.GuidanceScale, optimize.Conditions.TimeIds);
        List<Tensor> samples = [];
        sampler.Run(Sampler.Start(scheduler, noise), onStep: samples.Add);
        return stack(samples);
    }

    [GeneratedRegex(
        @"^trace\.s3\.(?<model>lr\d+(\.\d+)?(e-?\d+)?|[a-z][\w-]*)\.eta(?<eta>-?\d+(\.\d+)?)\.((?<scheduler>euler)\.)?"
        + @"(?<quantity>latents|decoded|image|all_latents)$")]
    private static partial Regex QuantityName { get; }
}
