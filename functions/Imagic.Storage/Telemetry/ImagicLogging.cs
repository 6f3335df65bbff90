using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Imagic.Storage.Telemetry;

/// <summary>
/// Logs on standard output: a line of text each for people, or with <c>IMAGIC_LOG=json</c> a JSON object each for
/// machines. Standard error stays empty: the Functions host takes what is there for failures.
/// </summary>
public static class ImagicLogging
{
    /// <summary>Sets up the console and the export of <paramref name="telemetry"/>.</summary>
    public static void Configure(ILoggingBuilder logging, ImagicTelemetry telemetry)
    {
        logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("IMAGIC_LOG") == "json")
        {
            logging.AddJsonConsole(options =>
            {
                options.IncludeScopes = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.ColorBehavior = LoggerColorBehavior.Disabled;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "HH:mm:ss ";
            });
        }

        AddExport(logging, telemetry);
    }

    /// <summary>Sets up the export of <paramref name="telemetry"/> alone, beside whatever else takes the logs.</summary>
    public static void AddExport(ILoggingBuilder logging, ImagicTelemetry telemetry)
    {
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Azure", LogLevel.Warning);
        logging.AddFilter("Yarp", LogLevel.Warning);
        telemetry.ConfigureLogging(logging);
    }
}
