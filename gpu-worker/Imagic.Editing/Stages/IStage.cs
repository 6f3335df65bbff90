using Imagic.Editing.Checkpoints;

namespace Imagic.Editing.Stages;

/// <summary>
/// A computation that goes one step at a time. Between two steps its whole state can be taken out and put into another
/// one, which then goes on bit for bit.
/// </summary>
public interface IStage : IDisposable
{
    int Step { get; }

    /// <summary>Steps in all; an early stop may end the stage before.</summary>
    int Steps { get; }

    /// <summary>Whether only <see cref="Result"/> is left to take.</summary>
    bool IsDone { get; }

    /// <summary>Does one step.</summary>
    /// <returns>The loss before it, where there is one and it is known without waiting for the device.</returns>
    /// <exception cref="ImagicException">The computation diverged.</exception>
    float? Advance();

    /// <summary>Live tensors that, with <see cref="Step"/>, are the complete state; valid until the next step.</summary>
    IReadOnlyList<NamedTensor> State();

    /// <summary>Takes over the state of a stage with the same settings and inputs.</summary>
    void Restore(Checkpoint saved);

    /// <summary>What is needed once the stage <see cref="IsDone"/>.</summary>
    IReadOnlyList<NamedTensor> Result();
}
