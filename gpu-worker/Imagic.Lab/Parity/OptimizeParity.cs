using Imagic.Diffusion.UNet;
using Imagic.Editing;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Lab.Parity;

/// <summary>Stage 1 of the recorded edit: what the models see of it, and the embedding's way to e_opt.</summary>
internal sealed class OptimizeParity : IParityArea
{
    /// <summary>Stage of the tuning of super-resolution, as names spell it.</summary>
    public const string SuperResolution = "sr";

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

    /// <summary>e_opt, states (1, T, d).</summary>
    public TextEmbedding Optimized => _run.Value.Optimized;

    public IEnumerable<Quantity> Quantities()
    {
        var firstGradient = new Lazy<TextEmbedding>(FirstGradient);
        var nothing = new Lazy<TextEmbedding>(() => _models.EncodeText(""));
        return
        [
            new("trace.image_latents", Limits.Module, () => Conditions.Latents),
            .. Parts("trace.target_{0}", Limits.Module, () => Conditions.Target),
            .. Parts("trace.empty_{0}", Limits.Module, () => nothing.Value),
            .. Parts("trace.uncond_{0}", Limits.Module, () => Conditions.Negative),
            new("trace.s1.grad_step0", Limits.Gradient, () => firstGradient.Value.States),
            new("trace.s1.grad_pooled_step0", Limits.Gradient, () => firstGradient.Value.Pooled!),
            .. Parts("trace.s1.{0}_after_step1", Limits.Trace, () => _run.Value.AfterFirstStep),
            new("trace.s1.losses", Limits.Trace, () => _run.Value.Losses),
            .. Parts("trace.s1.{0}_opt", Limits.Trace, () => Optimized),
        ];
    }

    /// <summary>The recorded noise and timesteps of a stage, and how many steps there are.</summary>
    /// <param name="stage"><c>s1</c>, <c>s2</c> or <see cref="SuperResolution"/>.</param>
    public static (DrawForStep Draw, int Steps) Recorded(ReferenceFolder reference, string stage)
    {
        var (noise, timesteps) = (reference.Input($"trace.{stage}.noise"), reference.Input($"trace.{stage}.timesteps"));
        var augmentation = stage == SuperResolution
            ? (reference.Input($"trace.{stage}.aug_noise"), reference.Input($"trace.{stage}.aug_levels"))
            : ((Tensor Noise, Tensor Levels)?)null;
        return (Draw, (int)timesteps.shape[0]);

        StepDraw Draw(int step) => new(noise[step], timesteps[step].view(-1))
        {
            Augmentation = augmentation is var (aug, levels) ? (aug[step], levels[step].view(-1)) : null,
        };
    }

    private static IEnumerable<Quantity> Parts(string name, double limit, Func<TextEmbedding> embedding) =>
    [
        new(string.Format(name, "emb"), limit, () => embedding().States),
        new(string.Format(name, "pooled"), limit, () => embedding().Pooled!),
    ];

    private Conditions Encode()
    {
        var conditions = Conditions.Encode(
            _models, _reference.Input(_models.IsCascade ? "trace.image_hr" : "trace.image"), _ => _reference.Input("trace.vae_noise"),
            _reference.Manifest.TracePrompt, negative: "");
        // The small picture of older folders was made in another way.
        return _models.IsCascade ? conditions with { Latents = _reference.Input("trace.image") } : conditions;
    }

    /// <summary>The loss of super-resolution, whose pictures are the source and its small one.</summary>
    public DenoisingLoss SuperResolutionLoss() => new(_models.SuperResolution.UNet, _models.SuperResolution.Schedule, _reference.Input("trace.image_hr"))
    {
        LowResolution = LowResolution.From(Conditions.Latents, _models.Pictures.Factor, _models.Noising),
    };

    /// <summary>The loss of the base.</summary>
    public DenoisingLoss Loss() => new(_models.UNet, _models.Schedule, Conditions.Latents, Conditions.TimeIds);

    private TextEmbedding FirstGradient()
    {
        var embedding = Conditions.Target.Map(part => part.clone().requires_grad_());
        var loss = Loss().Compute(embedding, Recorded(_reference, "s1").Draw(0));
        var gradients = new Queue<Tensor>(autograd.grad([loss], embedding.Parts));
        return embedding.Map(_ => gradients.Dequeue());
    }

    private Run Train()
    {
        _models.ResetUNet();
        var (draw, steps) = Recorded(_reference, "s1");
        var settings = new DescentSettings(steps, _reference.HyperParameters.S1Lr);
        using var stage = new OptimizeStage(Encode(), Loss(), settings, draw); // the stage disposes its conditions
        stage.Advance();
        var afterFirstStep = Copy(stage);
        while (!stage.IsDone) stage.Advance();
        return new(afterFirstStep, Copy(stage), tensor(stage.Losses.ToArray()));
    }

    private static TextEmbedding Copy(OptimizeStage stage) => stage.Embedding.Map(part => part.detach().clone());

    private sealed record Run(TextEmbedding AfterFirstStep, TextEmbedding Optimized, Tensor Losses);
}
