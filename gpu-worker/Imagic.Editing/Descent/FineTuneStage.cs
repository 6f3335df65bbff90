using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>
/// Stage 2: with e_opt frozen, tunes the UNet until the source is reconstructed exactly (paper section 3.2, "model
/// fine-tuning"). Super-resolution is tuned in the same way, with e_tgt (paper section 3.3).
/// </summary>
public sealed class FineTuneStage : DescentStage
{
    private readonly TunedWeights _tuned;
    private readonly ParameterSet _parameters;
    private readonly FlatAdamW _adam;

    /// <summary>Starts from the weights that <paramref name="tuned"/> hold; the stage disposes them.</summary>
    /// <param name="tuned">What is moved, in place.</param>
    /// <param name="loss">The loss through that UNet.</param>
    /// <param name="embedding">e_opt, or e_tgt for super-resolution, states (1, T, d).</param>
    /// <param name="settings">Steps, rate, batch.</param>
    /// <param name="draw">Noise and timesteps of each step.</param>
    /// <param name="offload">Whether the optimizer's state is kept in host memory.</param>
    /// <param name="stage">Which of the two tunings it is.</param>
    public FineTuneStage(
        TunedWeights tuned, DenoisingLoss loss, TextEmbedding embedding, FineTuneSettings settings, DrawForStep draw, bool offload = false,
        EditStage stage = EditStage.FineTune)
        : base(stage, settings, loss, draw)
    {
        (_tuned, _parameters) = (tuned, tuned.Parameters);
        Embedding = embedding;
        _parameters.TrackGradients();
        _adam = new(_parameters.Flat, moments: settings.Optimizer, offload: offload);
    }

    public override TextEmbedding Embedding { get; }

    public override IReadOnlyList<NamedTensor> State() => [.. _adam.State(), .. base.State()];

    public override void Restore(Checkpoint saved)
    {
        _adam.Restore(saved);
        base.Restore(saved);
    }

    public override IReadOnlyList<NamedTensor> Result() => [new("parameters", _adam.Master), .. base.Result()];

    public override void Dispose()
    {
        _adam.Dispose();
        _tuned.Dispose();
        base.Dispose();
    }

    protected override Tensor Update(StepDraw draw, int number)
    {
        _parameters.FlatGrad.zero_();
        var loss = Descend(draw);
        _adam.Step(_parameters.FlatGrad, number, LearningRate);
        return loss;
    }
}
