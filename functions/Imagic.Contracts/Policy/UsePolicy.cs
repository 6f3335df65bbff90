using System.Text.Json;
using System.Text.RegularExpressions;

namespace Imagic.Contracts.Policy;

/// <summary>
/// What target texts an operator refuses: rules of a name and a pattern. A help against what is asked for openly, no
/// guarantee: words can be written in other ways, and a picture can mislead under any sentence.
/// </summary>
public sealed partial class UsePolicy
{
    /// <summary>Name of the setting: the rules as a JSON object of name to pattern, or the path of a file with one.</summary>
    public const string Setting = "ImagicUsePolicy";

    private const int MostBytes = 256 * 1024, MostNameLength = 80;

    private readonly (string Name, Regex Pattern)[] _rules;

    private UsePolicy((string Name, Regex Pattern)[] rules) => _rules = rules;

    /// <summary>Refuses nothing.</summary>
    public static UsePolicy None { get; } = new([]);

    /// <summary>Reads the rules.</summary>
    /// <param name="setting">What the setting says; null or empty is no policy.</param>
    /// <exception cref="BadInputException">There is no such file, or a rule is no good: nothing starts without the rules that were meant.</exception>
    public static UsePolicy Read(string? setting)
    {
        if (string.IsNullOrWhiteSpace(setting)) return None;
        var isRules = setting.AsSpan().TrimStart().StartsWith("{");
        var where = isRules ? $"The setting {Setting}" : $"The file '{setting}' of the setting {Setting}";
        try
        {
            using var rules = JsonDocument.Parse(isRules ? setting : ReadFile(setting), new() { AllowDuplicateProperties = false });
            if (rules.RootElement.ValueKind != JsonValueKind.Object) throw new BadInputException($"{where} is no JSON object of rules. {Shape}");
            return new([.. rules.RootElement.EnumerateObject().Select(rule => Rule(rule, where))]);
        }
        catch (JsonException exception)
        {
            throw new BadInputException($"{where} is no JSON, or has a rule twice. {Shape}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{where} cannot be read: {exception.Message} Give the path of a file with rules, or the rules themselves.", exception);
        }
    }

    /// <summary>The rule that refuses a target text; null where none does.</summary>
    public string? RuleAgainst(string text)
    {
        if (_rules.Length == 0) return null;
        var words = Gaps().Replace(text, " ");
        return _rules.FirstOrDefault(rule => rule.Pattern.IsMatch(words)).Name;
    }

    /// <summary>What a person is told whose text is refused.</summary>
    public static string Refusal(string rule) =>
        $"The operator's use policy refuses this text by its rule '{rule}'. Ask for another edit; the operator can tell what the rule is for.";

    private const string Shape = "Give names and regular expressions, such as {\"weapons\": \"\\\\b(gun|rifle)s?\\\\b\"}.";

    private static (string Name, Regex Pattern) Rule(JsonProperty rule, string where)
    {
        if (rule.Name.Trim().Length is 0 or > MostNameLength || Printable.Of(rule.Name) != rule.Name)
            throw new BadInputException($"{where} has a rule whose name is empty, longer than {MostNameLength} characters or not printable. {Shape}");
        if (rule.Value.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(rule.Value.GetString()))
            throw new BadInputException($"{where} has the rule '{rule.Name}' without a pattern. {Shape}");
        try
        {
            // Without backtracking no text takes long, whatever the pattern.
            var pattern = new Regex(rule.Value.GetString()!, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
            if (pattern.IsMatch("")) throw new BadInputException($"{where} has the rule '{rule.Name}', whose pattern fits every text. Make it fit less.");
            return (rule.Name, pattern);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new BadInputException($"{where} has the rule '{rule.Name}', whose pattern cannot be used: {exception.Message} Look-arounds and references back are not known here.", exception);
        }
    }

    private static string ReadFile(string path) => new FileInfo(path) is { Exists: true, Length: > MostBytes }
        ? throw new BadInputException($"The file '{path}' of the setting {Setting} is larger than {MostBytes} bytes. Give fewer or shorter rules.")
        : File.ReadAllText(path);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Gaps();
}

/// <summary>The operator's use policy refuses a target text.</summary>
public sealed class RefusedByPolicyException(string rule) : ImagicException(ErrorCode, FaultKind.BadInput, UsePolicy.Refusal(rule))
{
    /// <summary>Code of the refusal.</summary>
    public const string ErrorCode = "refused-by-policy";
}
