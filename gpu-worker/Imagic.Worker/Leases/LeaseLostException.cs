namespace Imagic.Worker.Leases;

/// <summary>Another worker has claimed the edit since, or it has ended: this one must not write any more.</summary>
internal sealed class LeaseLostException(string edit, int epoch)
    : Exception($"The claim with epoch {epoch} on edit {edit} is over: somebody else has it or it has ended.");
