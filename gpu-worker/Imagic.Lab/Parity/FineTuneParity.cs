using System.Text.RegularExpressions;
using Imagic.Diffusion.Weights;
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

    /// <summary>Gives the UNet the weights of a run.</summary>
    /// <param name="run">As the tensors' names spell it.</param>
    public void Apply(string run)
    {
        var (settings, weights) = (RunOf(run).Settings, RunOf(run).Weights);
        models.ResetUNet();
        TunedWeights.Apply(models.UNet.Parameters, settings, weights, blend: 1);
    }

    private Quantity Of(string name, string run, string quantity, string parameter) => quantity switch
    {
        "losses" => new(name, Limits.Trace, () => RunOf(run).Losses),
        "param_norms" => new(name, Limits.WeightNorms, () => Norms(name, RunOf(run), RunOf(run).Weights)),
        "param_delta_norms" => new(name, Limits.WeightChanges, () => Norms(name, RunOf(run), RunOf(run).Changes)),
        "unet_out_init" => new(name, Limits.Module, () => RunOf(run).FirstOutput),
        "unet_out" => new(name, Limits.Trace, () => RunOf(run).Output),
        _ => new(name, Limits.Weights(reference.HyperParameters.RateOf(run)),
            () => UNetParity.Piece(RunOf(run).Parameters, RunOf(run).Weights, parameter)),
    };

    private Run RunOf(string name)
    {
        if (_runs.TryGetValue(name, out var run)) return run;
        var settings = new FineTuneSettings(OptimizeParity.Recorded(reference, "s2").Steps, reference.HyperParameters.RateOf(name));
        return _runs[name] = name switch
        {
            "kv" => Train(settings with { Tuning = Tuning.KeysAndValues }),
            "lora" => Train(settings with { Tuning = Tuning.Lora, Rank = reference.HyperParameters.LoraRank }),
            _ => Train(settings),
        };
    }

    private Run Train(FineTuneSettings settings)
    {
        models.ResetUNet();
        var tuned = TunedWeights.Attach(models.UNet.Parameters, settings, new RecordedStart(reference));
        var weights = tuned.Parameters.Flat;
        var (before, firstOutput) = (weights.clone(), Output());
        var loss = new DenoisingLoss(models.UNet, models.Schedule, optimize.Conditions.Latents, optimize.Conditions.TimeIds);
        using var stage = new FineTuneStage(tuned, loss, optimize.Optimized, settings, OptimizeParity.Recorded(reference, "s2").Draw);
        while (!stage.IsDone) stage.Advance();
        using var noGrad = no_grad();
        return new(
            settings,
            TunedWeights.Declare(models.UNet.Parameters, settings),
            weights.clone(),
            tensor(stage.Losses.ToArray()),
            weights - before,
            firstOutput,
            Output());
    }

    private Tensor Output() => UNetParity.Output(reference, models, UNetParity.LossTimestep);

    private Tensor Norms(string quantity, Run run, Tensor flat) => UNetParity.Norms(reference, quantity, run.Parameters, flat);

    [GeneratedRegex(
        @"^trace\.s2\.(?<run>lr\d+(\.\d+)?(e-?\d+)?|[a-z][\w-]*)\."
        + @"(?<quantity>losses|param_norms|param_delta_norms|unet_out_init|unet_out|param\.(?<parameter>.+))$")]
    private static partial Regex QuantityName { get; }

    private sealed record Run(
        FineTuneSettings Settings, ParameterSet Parameters, Tensor Weights, Tensor Losses, Tensor Changes, Tensor FirstOutput, Tensor Output);

    /// <summary>Where the recorded tuning of low rank started.</summary>
    private sealed class RecordedStart(ReferenceFolder reference) : IParameterSource
    {
        public void Fill(ParameterSet parameters)
        {
            using var file = SafetensorsFile.Open(Path.Combine(reference.Folder, "lora_init", "pytorch_lora_weights.safetensors"));
            new SafetensorsSource([file], key => key[UNetParity.LoraPrefix.Length..]).Fill(parameters);
        }
    }
}
