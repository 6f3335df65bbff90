using Imagic.Contracts;

namespace Imagic.Functions.Problems;

/// <summary>Too many edits are under way for another one.</summary>
public sealed class TooManyEditsException(string problem)
    : ImagicException("too-many-edits", FaultKind.Failed, $"{problem} Send the same request again when some have ended.");
