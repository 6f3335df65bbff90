using System.Diagnostics;
using System.Diagnostics.Metrics;
using Imagic.Storage.Resilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Imagic.Storage.Telemetry;

/// <summary>
/// Traces, metrics and logs of a process. They are exported by OTLP when the standard variable
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; otherwise nothing is collected, and trace contexts are passed on.
/// </summary>
public static class ImagicTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "Imagic";

    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Spans of the product.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Instruments of the product.</summary>
    public static Meter Meter { get; } = new(Name);

    /// <summary>Collects as long as the host lives; its end exports what is pending.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="service">Name of the service, e.g. <c>imagic-worker</c>.</param>
    /// <param name="sources">Activity sources of others whose spans the product's own hang on.</param>
    public static void AddImagicTelemetry(this IHostApplicationBuilder builder, string service, params string[] sources)
    {
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Azure", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(service))
            .WithTracing(traces => traces
                .AddSource([Name, .. sources])
                // The Functions host passes contexts on that it has not sampled itself; edits are few, and each is worth a trace.
                .SetSampler(new AlwaysOnSampler()));
        if (string.IsNullOrEmpty(builder.Configuration[Endpoint])) return;
        telemetry
            .WithMetrics(metrics => metrics.AddMeter(Name, ResiliencePipelines.MeterName, "Microsoft.AspNetCore.Hosting"))
            .WithLogging()
            .UseOtlpExporter();
    }
}
