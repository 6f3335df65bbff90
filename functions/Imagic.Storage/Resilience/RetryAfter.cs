using System.Globalization;
using System.Text.RegularExpressions;

namespace Imagic.Storage.Resilience;

/// <summary>How long an answer asks to wait before the next attempt; the headers that Azure.Core knows, and the one of Hugging Face.</summary>
internal static partial class RetryAfter
{
    /// <summary>The wait; null when the answer asks for none.</summary>
    /// <param name="header">Value of a header of the answer; null when it has none of that name.</param>
    /// <param name="time">Tells how far away a date is.</param>
    public static TimeSpan? Read(Func<string, string?> header, TimeProvider time)
    {
        var wait = Milliseconds(header("retry-after-ms")) ?? Milliseconds(header("x-ms-retry-after-ms")) ?? SecondsOrDate(header("Retry-After"), time)
            ?? Reset(header("RateLimit"));
        // Nothing to wait for: the usual pauses are kept.
        return wait > TimeSpan.Zero ? wait : null;
    }

    private static TimeSpan? Milliseconds(string? value) => Number(value) is { } number ? TimeSpan.FromMilliseconds(number) : null;

    private static TimeSpan? SecondsOrDate(string? value, TimeProvider time)
    {
        if (Number(value) is { } number) return TimeSpan.FromSeconds(number);
        return DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date - time.GetUtcNow() : null;
    }

    // Of draft-ietf-httpapi-ratelimit-headers: "api";r=0;t=55 has nothing left for 55 s.
    private static TimeSpan? Reset(string? value) =>
        value is not null && Spent().Match(value) is { Success: true } match && Number(match.Groups["seconds"].Value) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    [GeneratedRegex(@";\s*r=0\s*;\s*t=(?<seconds>[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Spent();

    private static long? Number(string? value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
