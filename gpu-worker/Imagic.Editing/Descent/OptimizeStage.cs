using Imagic.Diffusion.UNet;
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
    private readonly TextEmbedding _embedding;
    private readonly Tensor _flat;
    private readonly FlatAdamW _adam;

    /// <summary>Starts from the target text's embedding, whose parts are leaves that alias one flat buffer; <paramref name="conditions"/> are disposed with the stage.</summary>
    public OptimizeStage(Conditions conditions, DenoisingLoss loss, DescentSettings settings, DrawForStep draw)
        : base(EditStage.Optimize, settings, loss, draw)
    {
        using var scope = NewDisposeScope();
        _conditions = conditions;
        _flat = Flat(conditions.Target.Parts).clone().DetachFromDisposeScope(); // TorchSharp's cat of one tensor is that tensor
        var offset = 0L;
        _embedding = conditions.Target.Map(part =>
        {
            var piece = _flat.narrow(0, offset, part.numel()).view(part.shape);
            offset += part.numel();
            return piece.requires_grad_().DetachFromDisposeScope();
        });
        _adam = new(_flat);
    }

    public override TextEmbedding Embedding => _embedding;

    public override IReadOnlyList<NamedTensor> State() => [.. _conditions.Named(), .. _adam.State(), .. base.State()];

    public override void Restore(Checkpoint saved)
    {
        _adam.Restore(saved);
        base.Restore(saved);
    }

    public override IReadOnlyList<NamedTensor> Result() =>
        [.. _conditions.Named(), .. NamedTensor.Of("optimized", _embedding.Map(part => part.detach())), .. base.Result()];

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
        foreach (var part in _embedding.Parts) part.grad = null;
        var loss = Descend(draw);
        _adam.Step(Flat(_embedding.Parts.Select(part => part.grad!)), number, LearningRate);
        return loss;
    }

    private static Tensor Flat(IEnumerable<Tensor> parts) => cat([.. parts.Select(part => part.reshape(-1))]);
}
