using Imagic.Editing;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Stage 1 of the recorded edit: what the models see of it, and the embedding's way to e_opt.</summary>
internal sealed class OptimizeParity : IParityArea
{
    private readonly ReferenceFolder _reference;
    private readonly LoadedModels _models;
    private readonly Lazy<Conditions> _conditions;
    private readonly Lazy<Run> _run;

    public OptimizeParity(ReferenceFolder reference, LoadedModels models)
    {
        (_reference, _models) = (reference, models);
        _conditions = new(Encode);
        _run = new(Train);
    }

    public Conditions Conditions => _conditions.Value;

    /// <summary>e_opt, (1, T, d).</summary>
    public Tensor Optimized => _run.Value.Optimized;

    public IEnumerable<Quantity> Quantities() =>
    [
        new("trace.image_latents", Limits.Module, () => Conditions.Latents),
        new("trace.target_emb", Limits.Module, () => Conditions.Target),
        new("trace.uncond_emb", Limits.Module, () => Conditions.Negative),
        new("trace.s1.grad_step0", Limits.Gradient, FirstGradient),
        new("trace.s1.emb_after_step1", Limits.Trace, () => _run.Value.AfterFirstStep),
        new("trace.s1.losses", Limits.Trace, () => _run.Value.Losses),
        new("trace.s1.emb_opt", Limits.Trace, () => Optimized),
    ];

    /// <summary>The recorded noise and timesteps of a stage, and how many steps there are.</summary>
    /// <param name="stage"><c>s1</c> or <c>s2</c>.</param>
    public static (DrawForStep Draw, int Steps) Recorded(ReferenceFolder reference, string stage)
    {
        var (noise, timesteps) = (reference.Input($"trace.{stage}.noise"), reference.Input($"trace.{stage}.timesteps"));
        return (step => new(noise[step], timesteps[step].view(-1)), (int)timesteps.shape[0]);
    }

    private Conditions Encode() => Conditions.Encode(
        _models,
        _reference.Input("trace.image"),
        _ => _reference.Input("trace.vae_noise"),
        _reference.Manifest.TracePrompt,
        negative: "");

    private DenoisingLoss Loss() => new(_models.UNet, _models.Schedule, Conditions.Latents);

    private Tensor FirstGradient()
    {
        var embedding = Conditions.Target.clone().requires_grad_();
        var loss = Loss().Compute(embedding, Recorded(_reference, "s1").Draw(0));
        return autograd.grad([loss], [embedding])[0];
    }

    private Run Train()
    {
        _models.ResetUNet();
        var (draw, steps) = Recorded(_reference, "s1");
        var settings = new DescentSettings(steps, _reference.HyperParameters.S1Lr);
        using var stage = new OptimizeStage(Encode(), Loss(), settings, draw); // the stage disposes its conditions
        stage.Advance();
        var afterFirstStep = stage.Embedding.detach().clone();
        while (!stage.IsDone) stage.Advance();
        return new(afterFirstStep, stage.Embedding.detach().clone(), tensor(stage.Losses.ToArray()));
    }

    private sealed record Run(Tensor AfterFirstStep, Tensor Optimized, Tensor Losses);
}
