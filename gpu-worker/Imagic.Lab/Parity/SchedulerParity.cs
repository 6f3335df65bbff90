using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>
/// The training schedule, and each denoising schedule on recorded model outputs. A scheduler is named after its class
/// and what differs from the package's own configuration, as in <c>euler_leading</c> or <c>ddim_eta1</c>.
/// </summary>
internal sealed partial class SchedulerParity(ReferenceFolder reference, LoadedModels models) : IParityArea
{
    private readonly Dictionary<string, Run> _runs = [];

    public IEnumerable<Quantity> Quantities() =>
    [
        new("sched.alphas_cumprod", Limits.Table, () => tensor([.. models.Schedule.AlphasCumprod])),
        new("sched.addnoise.out", Limits.Module, () => OnSamples(models.Schedule.AddNoise)),
        new("sched.addnoise.velocity", Limits.Module, () => OnSamples(models.Schedule.Velocity)),
        .. from name in reference.ExpectedNames
           let match = QuantityName.Match(name)
           where match.Success
           select Of(name, match.Groups["scheduler"].Value, match.Groups["quantity"].Value, match.Groups["steps"]),
    ];

    private Quantity Of(string name, string scheduler, string quantity, Group steps) => quantity switch
    {
        "init_noise_sigma" => new(name, Limits.Table, () => tensor(RunOf(scheduler).Scheduler.InitNoiseSigma)),
        "sigmas" => new(name, Limits.Table, () => tensor([.. Sigmas(RunOf(scheduler).Scheduler)])),
        "prev_samples" => new(name, Limits.Module, () => RunOf(scheduler).Samples),
        "scaled_inputs" => new(name, Limits.Module, () => RunOf(scheduler).Inputs),
        "pred_original_samples" => new(name, Limits.Module, () => RunOf(scheduler).Originals),
        _ => new(name, Limits.Exact, () => tensor([.. Create(scheduler, StepsOf(scheduler, steps.Value)).Timesteps])),
    };

    private Tensor OnSamples(Func<Tensor, Tensor, Tensor, Tensor> combine) => combine(
        reference.Input("sched.addnoise.x0"),
        reference.Input("sched.addnoise.noise"),
        reference.Input("sched.addnoise.timesteps"));

    private Run RunOf(string scheduler)
    {
        if (_runs.TryGetValue(scheduler, out var run)) return run;
        var made = Create(scheduler, StepsOf(scheduler));
        return _runs[scheduler] = Replay(made, made.IsStochastic ? reference.Input("sched.variance_noise") : null);
    }

    // The number at the end of the name, or else as many as were recorded; PNDM evaluates the model once more.
    private int StepsOf(string scheduler, string named = "")
    {
        if (named.Length > 0) return int.Parse(named);
        var evaluations = (int)reference.Shape($"sched.{scheduler}.timesteps")[0];
        return OfCascade(scheduler) is null && ClassOf(scheduler) == Scheduler.Pndm ? evaluations - 1 : evaluations;
    }

    private Run Replay(IScheduler scheduler, Tensor? noises)
    {
        var outputs = reference.Input("sched.model_output");
        var sample = reference.Input("sched.sample0") * Held(scheduler.InitNoiseSigma);
        IReadOnlyList<Tensor> history = [];
        var (inputs, samples, originals) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        for (var i = 0; i < scheduler.Timesteps.Count; i++)
        {
            var output = scheduler.ReadsVariance ? outputs[i] : outputs[i].narrow(1, 0, sample.shape[1]);
            inputs.Add(scheduler.ScaleModelInput(sample, i));
            if (scheduler is DdpmScheduler ddpm) originals.Add(ddpm.EstimateOriginal(output, i, sample));
            (sample, history) = scheduler.Step(output, i, sample, history, noises?[i]);
            samples.Add(sample);
        }

        return new(scheduler, stack([.. inputs]), stack([.. samples]), originals.Count == 0 ? samples[0] : stack([.. originals]));
    }

    // The plain kinds read the package's file as an edit does; the others also have values that no package has.
    private IScheduler Create(string scheduler, int steps)
    {
        if (OfCascade(scheduler) is { } denoiser) return denoiser.CreateScheduler(SchedulerType.Ddpm, steps);
        var config = scheduler.Contains('_')
            ? SchedulerConfig.Parse($"scheduler '{scheduler}'", Resolved(scheduler).ToJsonString())
            : models.Package.LoadScheduler();
        return scheduler.EndsWith("_custom", StringComparison.Ordinal)
            ? new DdpmScheduler(config, reference.Input("sched.custom_timesteps").data<long>().ToArray().Select(t => (float)t))
            : Scheduler.Create(ClassOf(scheduler), config, steps, EtaOf(scheduler));
    }

    // A cascade's own, whose files need no resolving.
    private Denoiser? OfCascade(string scheduler) => scheduler switch
    {
        "" or "ddpm_stage1" => models.Base,
        "ddpm_stage2" => models.SuperResolution,
        _ => null,
    };

    private static double EtaOf(string scheduler) =>
        EtaName.Match(scheduler) is { Success: true } match ? double.Parse(match.Groups["eta"].Value) : 0;

    private string ClassOf(string scheduler) => (string?)Resolved(scheduler)["_class_name"] switch
    {
        (Scheduler.Ddim or Scheduler.Ddpm or Scheduler.Euler or Scheduler.DpmSolverMultistep or Scheduler.Pndm) and var known => known,
        var other => throw new ModelPackageException(
            reference.Folder, $"scheduler '{scheduler}' is a {other}, which is not supported."),
    };

    private JsonObject Resolved(string scheduler) =>
        reference.Manifest.ResolvedSchedulerConfigs?.GetValueOrDefault(scheduler)
        ?? throw new ModelPackageException(reference.Folder, $"resolved_scheduler_configs has no '{scheduler}'.");

    private static IReadOnlyList<float> Sigmas(IScheduler scheduler) => scheduler is EulerScheduler euler
        ? euler.Sigmas
        : throw new NotSupportedException($"{scheduler.GetType().Name} has no sigmas to compare.");

    [GeneratedRegex(
        @"^sched\.((?<scheduler>.+)\.)?"
        + @"(?<quantity>timesteps(?<steps>\d*)|init_noise_sigma|sigmas|prev_samples|pred_original_samples|scaled_inputs)$")]
    private static partial Regex QuantityName { get; }

    [GeneratedRegex(@"_eta(?<eta>\d+(\.\d+)?)")]
    private static partial Regex EtaName { get; }

    /// <summary>A whole run: model inputs and samples of all steps, (steps, B, C, h, w).</summary>
    private sealed record Run(IScheduler Scheduler, Tensor Inputs, Tensor Samples, Tensor Originals);
}
