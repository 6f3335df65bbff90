using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Imagic.Cli.Up;

/// <summary>Takes what the parts of a local environment log, from any thread.</summary>
internal abstract class EnvironmentLog
{
    /// <summary>Takes a line.</summary>
    /// <param name="source">Who logs it, e.g. <c>worker 1</c>.</param>
    /// <param name="level">How much it matters.</param>
    /// <param name="text">What is logged.</param>
    public abstract void Write(string source, LogLevel level, string text);

    /// <summary>Takes a line of a child process: JSON of the console logger, or anything else as it is.</summary>
    public void WriteChildLine(string source, string line)
    {
        var (level, text) = Parse(line);
        Write(source, level, text);
    }

    /// <summary>Loggers of a part in this process.</summary>
    public ILoggerFactory CreateLoggers(string source) => LoggerFactory.Create(logging => logging
        .AddProvider(new Provider(this, source))
        // Each request would be logged six times.
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Yarp", LogLevel.Warning)
        // A worker that ends breaks its stream; that it ended is logged anyway.
        .AddFilter("Grpc", LogLevel.None));

    /// <summary>A line as people read it; it stays one line.</summary>
    protected static string Format(LogLevel level, string text) => Printable.Of(level switch
    {
        LogLevel.Warning => $"warning: {text}",
        >= LogLevel.Error => $"error: {text}",
        _ => text,
    });

    private static (LogLevel Level, string Text) Parse(string line)
    {
        if (line is not ['{', ..]) return (LogLevel.Information, line);
        try
        {
            using var json = JsonDocument.Parse(line);
            var entry = json.RootElement;
            if (!entry.TryGetProperty("Message", out var message) || !Enum.TryParse<LogLevel>(entry.GetProperty("LogLevel").GetString(), out var level))
                return (LogLevel.Information, line);
            var text = message.GetString() ?? "";
            return (level, entry.TryGetProperty("Exception", out var exception) ? $"{text} {exception.GetString()?.ReplaceLineEndings(" ")}" : text);
        }
        catch (JsonException)
        {
            return (LogLevel.Information, line);
        }
    }

    private sealed class Provider(EnvironmentLog log, string source) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var text = formatter(state, exception);
            log.Write(source, logLevel, exception is null ? text : $"{text} ({exception.GetType().Name}: {exception.Message})");
        }

        public void Dispose()
        {
            // The log belongs to whoever made it.
        }
    }
}
