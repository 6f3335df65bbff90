using System.Globalization;
using Imagic.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Imagic.Storage.Telemetry;

/// <summary>A line of text for each entry, whatever the names and texts in it hold.</summary>
internal sealed class PlainLogFormatter(TimeProvider? time = null) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "imagic";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var exception = logEntry.Exception is { } thrown ? $" {thrown}" : "";
        var level = logEntry.LogLevel switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
        var now = (time ?? TimeProvider.System).GetUtcNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        // Lines of a stack trace are ours; what is left of line ends after that is not.
        textWriter.WriteLine(Printable.Of($"{now} {level}: {logEntry.Category}[{logEntry.EventId.Id}] {text}{exception.ReplaceLineEndings(" ")}"));
    }
}
