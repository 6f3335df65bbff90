namespace Imagic.Worker.Leases;

/// <summary>
/// This worker must not write any more: another has claimed the edit since, the edit has ended, or its message is lost.
/// An exception, since it has to get through the checkpoint journal, which knows nothing of leases.
/// </summary>
internal sealed class LeaseLostException(string edit, int epoch)
    : Exception($"The claim with epoch {epoch} on edit {edit} is over: somebody else has it, it has ended, or its message is lost.");
