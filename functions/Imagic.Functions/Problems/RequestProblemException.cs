using Imagic.Contracts;

namespace Imagic.Functions.Problems;

/// <summary>
/// A request cannot be done as it is, and nothing was written for it. The message is for the person who sent it: what
/// was wrong and what to do.
/// </summary>
/// <param name="code">Stable, for programs.</param>
/// <param name="status">HTTP status that it is told with.</param>
/// <param name="detail">The message.</param>
/// <param name="member">The member of the request that is wrong, where there is one.</param>
public sealed class RequestProblemException(string code, int status, string detail, string? member = null)
    : ImagicException(code, FaultKind.BadInput, detail)
{
    /// <summary>HTTP status that it is told with.</summary>
    public int Status { get; } = status;

    /// <summary>The member of the request that is wrong, where there is one.</summary>
    public string? Member { get; } = member;
}
