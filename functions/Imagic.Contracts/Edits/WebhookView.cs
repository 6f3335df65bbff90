namespace Imagic.Contracts.Edits;

/// <summary>What became of telling an end to a webhook.</summary>
/// <param name="Url">Where it is told.</param>
public sealed record WebhookView(string Url)
{
    /// <summary>Calls so far.</summary>
    public int Tries { get; init; }

    /// <summary>HTTP status of the newest answer; absent when there was none.</summary>
    public int? LastStatus { get; init; }

    /// <summary>Why the newest call had no answer, for programs: <c>timeout</c>, <c>unreachable</c>, <c>forbidden-address</c> or <c>no-secret</c>.</summary>
    public string? LastProblem { get; init; }

    /// <summary>When it was answered with 2xx.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When it is called next.</summary>
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>Why it is not called any more, for programs: <c>gone</c> (it answered 410) or <c>tries</c> (there were enough).</summary>
    public string? GaveUp { get; init; }
}
