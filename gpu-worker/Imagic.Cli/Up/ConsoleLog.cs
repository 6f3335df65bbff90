using System.Globalization;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Imagic.Cli.Up;

/// <summary>Shows lines with time and a coloured source in front; plain lines where there is no terminal.</summary>
internal sealed class ConsoleLog(IAnsiConsole console, TimeProvider time) : EnvironmentLog
{
    // Of the longest source.
    private const int SourceWidth = 9;

    private static readonly Color[] Colours = [Color.Teal, Color.Purple, Color.Blue, Color.Green, Color.Olive, Color.Maroon];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Color> _colours = [];

    public override void Write(string source, LogLevel level, string text)
    {
        var line = Format(level, text);
        var now = time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        lock (_lock)
        {
            if (!console.Profile.Capabilities.Ansi)
            {
                console.WriteLine($"{now} {source,-SourceWidth} {line}");
                return;
            }

            if (!_colours.TryGetValue(source, out var colour)) _colours[source] = colour = Colours[_colours.Count % Colours.Length];
            var prefix = $"{now} {source,-SourceWidth} ";
            var room = Math.Max(20, console.Profile.Width - prefix.Length - 1);
            foreach (var (index, piece) in Wrap(line, room).Index())
            {
                console.Write(index == 0
                    ? new Markup($"[dim]{now}[/] [{colour.ToMarkup()}]{Markup.Escape($"{source,-SourceWidth}")}[/] ")
                    : new Markup(new string(' ', prefix.Length)));
                console.Write(new Text(piece, Style(level)));
                console.WriteLine();
            }
        }
    }

    /// <summary>The text in pieces of at most <paramref name="room"/> characters, broken at spaces where there are any.</summary>
    internal static IEnumerable<string> Wrap(string text, int room)
    {
        while (text.Length > room)
        {
            var end = text.LastIndexOf(' ', room);
            if (end <= 0) end = room;
            yield return text[..end];
            text = text[end..].TrimStart(' ');
        }

        yield return text;
    }

    private static Style Style(LogLevel level) => level switch
    {
        LogLevel.Warning => new(Color.Yellow),
        >= LogLevel.Error => new(Color.Red),
        _ => Spectre.Console.Style.Plain,
    };
}
