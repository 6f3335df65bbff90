using System.Text.RegularExpressions;

namespace Imagic.Cli.Up;

/// <summary>How much a line matters.</summary>
internal enum LineWeight
{
    /// <summary>Something happened.</summary>
    Plain,

    /// <summary>Somebody should look at it.</summary>
    Warning,

    /// <summary>Something failed.</summary>
    Error,
}

/// <summary>A line of a log, without what only programs need.</summary>
internal readonly partial record struct LogLine(LineWeight Weight, string Text)
{
    /// <summary>Reads a line as Imagic's own programs write it; any other stays as it is.</summary>
    public static LogLine Parse(string line)
    {
        if (Own().Match(line) is not { Success: true } match) return new(LineWeight.Plain, line);
        var weight = match.Groups["level"].ValueSpan switch
        {
            "warn" => LineWeight.Warning,
            "fail" or "crit" => LineWeight.Error,
            _ => LineWeight.Plain,
        };
        return new(weight, match.Groups["text"].Value);
    }

    /// <inheritdoc/>
    public override string ToString() => Weight switch
    {
        LineWeight.Warning => $"warning: {Text}",
        LineWeight.Error => $"error: {Text}",
        _ => Text,
    };

    // "12:34:56 info: Imagic.Worker.Stages.StageJob[123] text"
    [GeneratedRegex(@"^\d\d:\d\d:\d\d (?<level>trce|dbug|info|warn|fail|crit): \S+\[-?\d+\] (?<text>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Own();
}
