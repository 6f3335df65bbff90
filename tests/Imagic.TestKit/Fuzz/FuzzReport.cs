using Imagic.Imaging;

namespace Imagic.TestKit.Fuzz;

/// <summary>What came of damaged pictures.</summary>
/// <param name="Inputs">Files tried.</param>
/// <param name="Decoded">Files whose damage did not keep them from being pictures.</param>
/// <param name="Refused">Files refused with a clear error, by problem.</param>
/// <param name="Failures">Everything that must not happen: another exception, too long, beyond the limits. A crash of the
/// process cannot be listed: the last progress report tells the input.</param>
/// <param name="Slowest">The longest that one file took.</param>
/// <param name="ResidentBefore">Resident bytes of the process after one decoding of every seed.</param>
/// <param name="ResidentAfter">Resident bytes at the end.</param>
public sealed record FuzzReport(
    int Inputs,
    int Decoded,
    IReadOnlyDictionary<ImageProblem, int> Refused,
    IReadOnlyList<FuzzFailure> Failures,
    TimeSpan Elapsed,
    TimeSpan Slowest,
    long ResidentBefore,
    long ResidentAfter);

/// <param name="Index">Makes the same file again: <see cref="ImageFuzzer.Input"/>.</param>
public sealed record FuzzFailure(int Index, string What);
