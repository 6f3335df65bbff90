using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>
/// Stage 1: with the model frozen, moves e from e_tgt until it reconstructs the source; the result is e_opt
/// (paper section 3.2, "text embedding optimization").
/// </summary>
public sealed class OptimizeStage : DescentStage
{
    private readonly Conditions _conditions;
    private readonly Tensor _embedding;
    private readonly Tensor _flat;
    private readonly FlatAdamW _adam;

    /// <summary>Starts from the target text's embedding; <paramref name="conditions"/> are disposed with the stage.</summary>
    public OptimizeStage(Conditions conditions, DenoisingLoss loss, DescentSettings settings, DrawForStep draw)
        : base(EditStage.Optimize, settings, loss, draw)
    {
        using var scope = NewDisposeScope();
        _conditions = conditions;
        _embedding = conditions.Target.clone().requires_grad_().DetachFromDisposeScope();
        _flat = _embedding.detach().view(-1).DetachFromDisposeScope();
        _adam = new(_flat);
    }

    public override Tensor Embedding => _embedding;

    public override IReadOnlyList<NamedTensor> State() => [.. _conditions.Named(), .. _adam.State(), .. base.State()];

    public override void Restore(Checkpoint saved)
    {
        _adam.Restore(saved);
        base.Restore(saved);
    }

    public override IReadOnlyList<NamedTensor> Result() =>
        [.. _conditions.Named(), new("optimized", _embedding.detach()), .. base.Result()];

    public override void Dispose()
    {
        _adam.Dispose();
        _flat.Dispose();
        _embedding.Dispose();
        _conditions.Dispose();
        base.Dispose();
    }

    protected override Tensor Update(StepDraw draw, int number)
    {
        var loss = Loss.Compute(_embedding, draw);
        var gradient = autograd.grad([loss], [_embedding])[0];
        _adam.Step(gradient.view(-1), number, LearningRate);
        return loss;
    }
}
