using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>
/// Stage 2: with e_opt frozen, tunes the UNet until the source is reconstructed exactly (paper section 3.2, "model
/// fine-tuning").
/// </summary>
public sealed class FineTuneStage : DescentStage
{
    private readonly TunedWeights _tuned;
    private readonly ParameterSet _parameters;
    private readonly FlatAdamW _adam;

    /// <summary>Starts from the weights that <paramref name="tuned"/> hold; the stage disposes them.</summary>
    /// <param name="tuned">What is moved, in place.</param>
    /// <param name="loss">The loss through that UNet.</param>
    /// <param name="optimized">e_opt, states (1, T, d).</param>
    /// <param name="settings">Steps, rate, batch.</param>
    /// <param name="draw">Noise and timesteps of each step.</param>
    /// <param name="offload">Whether the optimizer's state is kept in host memory.</param>
    public FineTuneStage(
        TunedWeights tuned, DenoisingLoss loss, TextEmbedding optimized, FineTuneSettings settings, DrawForStep draw, bool offload = false)
        : base(EditStage.FineTune, settings, loss, draw)
    {
        (_tuned, _parameters) = (tuned, tuned.Parameters);
        Embedding = optimized;
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
