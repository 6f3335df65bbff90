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

    private readonly Dictionary<(string Model, string Eta), Tensor> _latents = [];

    public IEnumerable<Quantity> Quantities() =>
        from name in reference.ExpectedNames
        let match = QuantityName.Match(name)
        where match.Success
        let model = match.Groups["model"].Value
        let eta = match.Groups["eta"].Value
        select new Quantity(name, Limits.Trace, () => Of(model, eta, match.Groups["quantity"].Value));

    private Tensor Of(string model, string eta, string quantity)
    {
        var steps = LatentsOf(model, eta);
        return quantity switch
        {
            "all_latents" => steps,
            "latents" => steps[^1],
            "decoded" => Decode(steps[^1]),
            _ => (Decode(steps[^1]) / Held(2) + Held(0.5)).clamp(Held(0), Held(1)),
        };
    }

    private Tensor Decode(Tensor latents) => models.Vae.Decode(latents / Held(models.Vae.Config.ScalingFactor));

    private Tensor LatentsOf(string model, string eta)
    {
        if (_latents.TryGetValue((model, eta), out var latents)) return latents;
        if (model == Base) models.ResetUNet();
        else models.UNet.Parameters.Flat.copy_(fineTune.Tuned(model["lr".Length..]));
        return _latents[(model, eta)] = Sample(double.Parse(eta));
    }

    /// <summary>Latents after each step, (steps, 1, C, h, w).</summary>
    private Tensor Sample(double eta)
    {
        var numbers = reference.HyperParameters;
        var scheduler = models.CreateScheduler(SchedulerType.Ddim, numbers.DdimSteps);
        var noise = reference.Input("trace.s3.latents0");
        var (target, negative) = (optimize.Conditions.Target, optimize.Conditions.Negative);
        var states = SamplePlan.Interpolate(target, optimize.Optimized, [eta]);
        using var sampler = new Sampler(models.UNet, scheduler, states, negative, numbers.GuidanceScale);
        List<Tensor> samples = [];
        sampler.Run(Sampler.Start(scheduler, noise), onStep: samples.Add);
        return stack(samples);
    }

    [GeneratedRegex(
        @"^trace\.s3\.(?<model>base|lr\d+(\.\d+)?(e-?\d+)?)\.eta(?<eta>-?\d+(\.\d+)?)\."
        + @"(?<quantity>latents|decoded|image|all_latents)$")]
    private static partial Regex QuantityName { get; }
}
