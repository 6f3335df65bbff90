using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Imagic.Storage.Telemetry;

/// <summary>
/// Logs on standard output: a line of text each for people, or with <c>IMAGIC_LOG=json</c> a JSON object each for
/// machines. Standard error stays empty: the Functions host takes what is there for failures.
/// </summary>
public static class ImagicLogging
{
    /// <summary>Variable that chooses the format.</summary>
    public const string Variable = "IMAGIC_LOG";

    /// <summary>Its value for JSON.</summary>
    public const string Json = "json";

    /// <summary>Logs on standard output.</summary>
    public static void AddImagicConsole(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration[Variable] == Json)
        {
            builder.Logging.AddJsonConsole(options =>
            {
                options.IncludeScopes = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            builder.Logging
                .AddConsole(options => options.FormatterName = PlainLogFormatter.FormatterName)
                .AddConsoleFormatter<PlainLogFormatter, ConsoleFormatterOptions>();
        }
    }
}
