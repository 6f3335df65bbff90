using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;
using Imagic.Functions.Problems;

namespace Imagic.Functions.Batches;

/// <summary>A line of a manifest: what it asks for, or why it cannot be read.</summary>
/// <param name="Number">Line of the file where it begins, from 1; 0 stands for the file as a whole.</param>
/// <param name="Request">What it asks for.</param>
/// <param name="Rejected">Why it cannot be read.</param>
internal sealed record ManifestLine(int Number, EditRequest? Request, RejectedLine? Rejected)
{
    /// <summary>A line that was read.</summary>
    public static ManifestLine Of(int number, EditRequest request) => new(number, request, Rejected: null);

    /// <summary>A line that cannot be read.</summary>
    public static ManifestLine Bad(int number, string code, string message) => new(number, Request: null, new(number, code, message));

    /// <inheritdoc cref="Bad(int, string, string)"/>
    public static ManifestLine Bad(int number, RequestProblemException problem) => Bad(number, problem.Code, problem.Message);
}
