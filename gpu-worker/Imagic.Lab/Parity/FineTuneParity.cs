using System.Text.RegularExpressions;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Stage 2 of the recorded edit, and that of super-resolution, once for each run that the tensors' names tell.</summary>
internal sealed partial class FineTuneParity(
    ReferenceFolder reference, LoadedModels models, OptimizeParity optimize, UNetParity baseUNet, UNetParity superResolution) : IParityArea
{
    private readonly Dictionary<string, Run> _runs = [];

    public IEnumerable<Quantity> Quantities() =>
        from name in reference.ExpectedNames
        let match = QuantityName.Match(name)
        where match.Success
        select Of(name, $"{match.Groups["stage"].Value}.{match.Groups["run"].Value}", match.Groups["quantity"].Value, match.Groups["parameter"].Value);

    /// <summary>Gives a UNet the weights of a run.</summary>
    /// <param name="run">Stage and run as the tensors' names spell them, e.g. <c>s2.kv</c>.</param>
    public void Apply(string run)
    {
        var (settings, weights) = (RunOf(run).Settings, RunOf(run).Weights);
        var denoiser = DenoiserOf(run);
        denoiser.Reset();
        TunedWeights.Apply(denoiser.UNet.Parameters, settings, weights, blend: 1);
    }

    private Quantity Of(string name, string run, string quantity, string parameter) => quantity switch
    {
        "losses" => new(name, Limits.Trace, () => RunOf(run).Losses),
        "param_norms" => new(name, Limits.WeightNorms, () => Norms(name, RunOf(run), RunOf(run).Weights)),
        "param_delta_norms" => new(name, Limits.WeightChanges, () => Norms(name, RunOf(run), RunOf(run).Changes)),
        "unet_out_init" => new(name, Limits.Module, () => RunOf(run).FirstOutput),
        "unet_out" => new(name, Limits.Trace, () => RunOf(run).Output),
        _ => new(name, Limits.Weights(reference.HyperParameters.RateOf(Short(run))),
            () => UNetParity.Piece(RunOf(run).Parameters, RunOf(run).Weights, parameter)),
    };

    private Run RunOf(string name)
    {
        if (_runs.TryGetValue(name, out var run)) return run;
        var settings = new FineTuneSettings(OptimizeParity.Recorded(reference, StageOf(name)).Steps, reference.HyperParameters.RateOf(Short(name)));
        return _runs[name] = Short(name) switch
        {
            "kv" => Train(name, settings with { Tuning = Tuning.KeysAndValues }),
            "lora" => Train(name, settings with { Tuning = Tuning.Lora, Rank = reference.HyperParameters.LoraRank }),
            _ => Train(name, settings),
        };
    }

    private static string StageOf(string run) => run[..run.IndexOf('.')];

    private static string Short(string run) => run[(run.IndexOf('.') + 1)..];

    private static bool IsSuperResolution(string run) => StageOf(run) == OptimizeParity.SuperResolution;

    private Denoiser DenoiserOf(string run) => IsSuperResolution(run) ? models.SuperResolution : models.Base;

    private Run Train(string run, FineTuneSettings settings)
    {
        var (denoiser, unet) = (DenoiserOf(run), IsSuperResolution(run) ? superResolution : baseUNet);
        denoiser.Reset();
        var tuned = TunedWeights.Attach(denoiser.UNet.Parameters, settings, new RecordedStart(reference));
        var weights = tuned.Parameters.Flat;
        var (before, firstOutput) = (weights.clone(), unet.Output(UNetParity.LossTimestep));
        var (loss, embedding) = IsSuperResolution(run)
            ? (optimize.SuperResolutionLoss(), optimize.Conditions.Target)
            : (optimize.Loss(), optimize.Optimized);
        using var stage = new FineTuneStage(tuned, loss, embedding, settings, OptimizeParity.Recorded(reference, StageOf(run)).Draw);
        while (!stage.IsDone) stage.Advance();
        using var noGrad = no_grad();
        return new(
            settings,
            TunedWeights.Declare(denoiser.UNet.Parameters, settings),
            weights.clone(),
            tensor(stage.Losses.ToArray()),
            weights - before,
            firstOutput,
            unet.Output(UNetParity.LossTimestep));
    }

    private Tensor Norms(string quantity, Run run, Tensor flat) => UNetParity.Norms(reference, quantity, run.Parameters, flat);

    [GeneratedRegex(
        @"^trace\.(?<stage>s2|sr)\.(?<run>lr\d+(\.\d+)?(e-?\d+)?|[a-z][\w-]*)\."
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
