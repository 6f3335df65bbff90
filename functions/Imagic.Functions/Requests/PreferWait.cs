using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Imagic.Functions.Requests;

/// <summary>The preference <c>wait</c> of RFC 7240. What does not say a number of seconds is no preference, and no error.</summary>
internal static partial class PreferWait
{
    public const string Header = "Prefer";
    public const string ForAChange = "wait=N: answer when the edit changes or ends, or after N seconds; at most 60.";
    public const string ForTheEnd = "wait=N: answer when the edit has ended (200), or after N seconds (202); at most 60.";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>How long the caller would wait; null when it would not.</summary>
    public static TimeSpan? Of(HttpRequest request)
    {
        foreach (Match element in Element().Matches(request.Headers[Header].ToString()))
        {
            if (!NameValueWithParametersHeaderValue.TryParse(element.Value.Trim(), out var preference)) continue;
            if (!preference.Name.Equals("wait", StringComparison.OrdinalIgnoreCase)) continue;
            // The first one counts, whatever it says.
            return SecondsOf(preference.Value?.Trim('"'));
        }

        return null;
    }

    /// <summary>Tells that the preference was followed.</summary>
    public static void TellApplied(HttpResponse response, TimeSpan wait) =>
        response.Headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={wait.TotalSeconds:0}");

    private static TimeSpan? SecondsOf(string? text)
    {
        if (string.IsNullOrEmpty(text) || !text.All(char.IsAsciiDigit)) return null;
        // More digits than a number has are more seconds than anybody waits.
        var isShort = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < Longest.TotalSeconds;
        return !isShort ? Longest : seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
    }

    // Of a list: a comma within quotes ends none.
    [GeneratedRegex("""(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|$))+""")]
    private static partial Regex Element();
}
