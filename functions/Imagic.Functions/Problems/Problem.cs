namespace Imagic.Functions.Problems;

/// <summary>Why a request failed, as RFC 9457 (problem details) writes it.</summary>
/// <param name="Title">The status in words.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Detail">For people: what was wrong and what to do.</param>
/// <param name="Member">The member of the request that was wrong, where there is one.</param>
/// <param name="TraceId">To find the request in the logs.</param>
public sealed record Problem(string Title, int Status, string Code, string Detail, string? Member = null, string? TraceId = null)
{
    public const string MediaType = "application/problem+json";
}
