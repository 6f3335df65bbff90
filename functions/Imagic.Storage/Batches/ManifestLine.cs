using Imagic.Contracts;
using Imagic.Contracts.Batches;
using Imagic.Contracts.Edits;

namespace Imagic.Storage.Batches;

/// <summary>A line of a manifest: what it asks for, or why it cannot be read.</summary>
/// <param name="Number">Line of the file where it begins, from 1; 0 stands for the file as a whole.</param>
/// <param name="Request">What it asks for.</param>
/// <param name="Rejected">Why it cannot be read.</param>
/// <param name="Source">Where it names its picture; null when it names none, or is too broken to tell.</param>
public sealed record ManifestLine(int Number, EditRequest? Request, RejectedLine? Rejected, NamedSource? Source = null)
{
    /// <summary>A line that cannot be read.</summary>
    public static ManifestLine Bad(int number, string code, string message, NamedSource? source = null) =>
        new(number, Request: null, new(number, code, message), source);

    /// <summary>A line that is read by <paramref name="read"/>, or rejected as that says.</summary>
    public static ManifestLine Of(int number, NamedSource? source, Func<EditRequest> read)
    {
        try
        {
            return new(number, read(), Rejected: null, source);
        }
        catch (StrictJsonException exception)
        {
            return Bad(number, exception.Code, exception.Message, source);
        }
    }
}

/// <summary>A picture as a line names it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Start">Byte of the file where the value begins, its quotes included.</param>
/// <param name="Length">Bytes of the value.</param>
public readonly record struct NamedSource(string Name, int Start, int Length);
