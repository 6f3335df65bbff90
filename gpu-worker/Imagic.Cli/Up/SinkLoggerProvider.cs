using Microsoft.Extensions.Logging;

namespace Imagic.Cli.Up;

/// <summary>Sends what a part in this process logs to where the lines of the other processes go.</summary>
internal sealed class SinkLoggerProvider(ILogSink sink, string source) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new SinkLogger(sink, source);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The sink belongs to somebody else.
    }

    private sealed class SinkLogger(ILogSink sink, string source) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var text = formatter(state, exception);
            if (exception is not null) text = $"{text} ({exception.GetType().Name}: {exception.Message})";
            // What the function app says comes through the host's log and carries its own level.
            var line = LogLine.Parse(text);
            sink.Write(source, line.Weight != LineWeight.Plain ? line : line with { Weight = Weight(logLevel) });
        }

        private static LineWeight Weight(LogLevel level) => level switch
        {
            LogLevel.Warning => LineWeight.Warning,
            >= LogLevel.Error => LineWeight.Error,
            _ => LineWeight.Plain,
        };
    }
}
