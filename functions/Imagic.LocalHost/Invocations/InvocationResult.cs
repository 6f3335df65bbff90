using System.Text.Json;

namespace Imagic.LocalHost.Invocations;

/// <summary>How a run of a function ended.</summary>
/// <param name="Problem">Why it failed; null when it did not.</param>
/// <param name="Outputs">What the handler gave for the output bindings.</param>
internal readonly record struct InvocationResult(string? Problem, JsonElement? Outputs)
{
    /// <summary>Whether it succeeded.</summary>
    public bool Succeeded => Problem is null;

    /// <summary>It failed.</summary>
    public static InvocationResult Failed(string problem) => new(problem, null);
}
