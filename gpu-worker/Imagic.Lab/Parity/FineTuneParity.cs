using System.Text.RegularExpressions;
using Imagic.Editing;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Stage 2 of the recorded edit, once for each learning rate, which is part of the tensors' names.</summary>
internal sealed partial class FineTuneParity(ReferenceFolder reference, LoadedModels models, OptimizeParity optimize)
    : IParityArea
{
    private readonly Dictionary<string, Run> _runs = [];

    public IEnumerable<Quantity> Quantities() =>
        from name in reference.ExpectedNames
        let match = QuantityName.Match(name)
        where match.Success
        select Of(name, match.Groups["rate"].Value, match.Groups["quantity"].Value, match.Groups["parameter"].Value);

    /// <summary>The tuned weights as one flat buffer.</summary>
    /// <param name="rate">Learning rate as the tensors' names spell it.</param>
    public Tensor Tuned(string rate) => RunOf(rate).Weights;

    private Quantity Of(string name, string rate, string quantity, string parameter) => quantity switch
    {
        "losses" => new(name, Limits.Trace, () => RunOf(rate).Losses),
        "param_norms" => new(name, Limits.WeightNorms, () => Norms(Tuned(rate))),
        "param_delta_norms" => new(name, Limits.WeightChanges, () => RunOf(rate).ChangeNorms),
        "unet_out" => new(name, Limits.Trace, () => RunOf(rate).Output),
        _ => new(name, Limits.Weights(double.Parse(rate)),
            () => UNetParity.Piece(models.UNet.Parameters, Tuned(rate), parameter)),
    };

    private Run RunOf(string rate)
    {
        if (_runs.TryGetValue(rate, out var run)) return run;
        return _runs[rate] = Train(double.Parse(rate));
    }

    private Run Train(double rate)
    {
        models.ResetUNet();
        var weights = models.UNet.Parameters.Flat;
        var before = weights.clone();
        var (draw, steps) = OptimizeParity.Recorded(reference, "s2");
        var loss = new DenoisingLoss(models.UNet, models.Schedule, optimize.Conditions.Latents);
        using var stage = new FineTuneStage(models.UNet.Parameters, loss, optimize.Optimized, new(steps, rate), draw);
        while (!stage.IsDone) stage.Advance();
        using var noGrad = no_grad();
        return new(
            weights.clone(),
            tensor(stage.Losses.ToArray()),
            Norms(weights - before),
            UNetParity.Output(reference, models, UNetParity.LossTimestep));
    }

    private Tensor Norms(Tensor flat) => UNetParity.Norms(reference, models.UNet.Parameters, flat);

    [GeneratedRegex(
        @"^trace\.s2\.lr(?<rate>\d+(\.\d+)?(e-?\d+)?)\."
        + @"(?<quantity>losses|param_norms|param_delta_norms|unet_out|param\.(?<parameter>.+))$")]
    private static partial Regex QuantityName { get; }

    private sealed record Run(Tensor Weights, Tensor Losses, Tensor ChangeNorms, Tensor Output);
}
