using System.Text.RegularExpressions;
using Imagic.Editing;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Stage 2 of the recorded edit, once for each run that the tensors' names tell.</summary>
internal sealed partial class FineTuneParity(ReferenceFolder reference, LoadedModels models, OptimizeParity optimize)
    : IParityArea
{
    private readonly Dictionary<string, Run> _runs = [];

    public IEnumerable<Quantity> Quantities() =>
        from name in reference.ExpectedNames
        let match = QuantityName.Match(name)
        where match.Success
        select Of(name, match.Groups["run"].Value, match.Groups["quantity"].Value, match.Groups["parameter"].Value);

    /// <summary>The tuned weights as one flat buffer.</summary>
    /// <param name="run">As the tensors' names spell it.</param>
    public Tensor Tuned(string run) => RunOf(run).Weights;

    private Quantity Of(string name, string run, string quantity, string parameter) => quantity switch
    {
        "losses" => new(name, Limits.Trace, () => RunOf(run).Losses),
        "param_norms" => new(name, Limits.WeightNorms, () => Norms(name, Tuned(run))),
        "param_delta_norms" => new(name, Limits.WeightChanges, () => Norms(name, RunOf(run).Changes)),
        "unet_out" => new(name, Limits.Trace, () => RunOf(run).Output),
        _ => new(name, Limits.Weights(reference.HyperParameters.RateOf(run)),
            () => UNetParity.Piece(models.UNet.Parameters, Tuned(run), parameter)),
    };

    private Run RunOf(string name)
    {
        if (_runs.TryGetValue(name, out var run)) return run;
        return _runs[name] = Train(reference.HyperParameters.RateOf(name));
    }

    private Run Train(double rate)
    {
        models.ResetUNet();
        var weights = models.UNet.Parameters.Flat;
        var before = weights.clone();
        var (draw, steps) = OptimizeParity.Recorded(reference, "s2");
        var loss = new DenoisingLoss(models.UNet, models.Schedule, optimize.Conditions.Latents, optimize.Conditions.TimeIds);
        using var stage = new FineTuneStage(models.UNet.Parameters, loss, optimize.Optimized, new(steps, rate), draw);
        while (!stage.IsDone) stage.Advance();
        using var noGrad = no_grad();
        return new(
            weights.clone(),
            tensor(stage.Losses.ToArray()),
            weights - before,
            UNetParity.Output(reference, models, UNetParity.LossTimestep));
    }

    private Tensor Norms(string quantity, Tensor flat) => UNetParity.Norms(reference, quantity, models.UNet.Parameters, flat);

    [GeneratedRegex(
        @"^trace\.s2\.(?<run>lr\d+(\.\d+)?(e-?\d+)?|[a-z][\w-]*)\."
        + @"(?<quantity>losses|param_norms|param_delta_norms|unet_out|param\.(?<parameter>.+))$")]
    private static partial Regex QuantityName { get; }

    private sealed record Run(Tensor Weights, Tensor Losses, Tensor Changes, Tensor Output);
}
