using Imagic.Editing.Checkpoints;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>A tensor and the name it has in a checkpoint.</summary>
public readonly record struct NamedTensor(string Name, Tensor Value);

/// <summary>
/// A stage as a machine that goes one step at a time. Between two steps its whole state can be taken out and put into
/// another machine, which then goes on bit for bit.
/// </summary>
public interface IStage : IDisposable
{
    /// <summary>Which stage this is.</summary>
    EditStage Stage { get; }

    /// <summary>Steps done.</summary>
    int Step { get; }

    /// <summary>Steps in all; an early stop may end the stage before.</summary>
    int Steps { get; }

    /// <summary>Whether nothing is left to do but to take <see cref="Result"/>.</summary>
    bool IsDone { get; }

    /// <summary>Does one step and says what came of it.</summary>
    /// <exception cref="EditException">The computation diverged.</exception>
    EditEvent Advance();

    /// <summary>Live tensors that, with <see cref="Step"/>, are the complete state; valid until the next step.</summary>
    IReadOnlyList<NamedTensor> State();

    /// <summary>Takes over the state of a machine with the same settings and inputs.</summary>
    void Restore(Checkpoint saved);

    /// <summary>What the later stages need from this one; only when <see cref="IsDone"/>.</summary>
    IReadOnlyList<NamedTensor> Result();
}
