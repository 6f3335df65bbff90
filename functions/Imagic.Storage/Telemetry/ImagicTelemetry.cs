using System.Diagnostics;
using System.Diagnostics.Metrics;
using Imagic.Storage.Resilience;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Imagic.Storage.Telemetry;

/// <summary>
/// Traces, metrics and logs of a process. They are exported by OTLP when the standard variable
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; otherwise nothing is collected, only passed on.
/// </summary>
public sealed class ImagicTelemetry : IDisposable
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "Imagic";

    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;
    private readonly ActivityListener? _passOn;

    private ImagicTelemetry(string service, string[] sources)
    {
        var isConfigured = Environment.GetEnvironmentVariable(EndpointVariable) is { Length: > 0 };
        var resource = ResourceBuilder.CreateDefault().AddService(service);
        if (isConfigured)
        {
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
                .AddSource([Name, .. sources])
                // The Functions host passes contexts on that it has not sampled itself; edits are few, and each is worth a trace.
                .SetSampler(new AlwaysOnSampler())
                .AddOtlpExporter().Build();
            _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
                .AddMeter(Name, ResiliencePipelines.MeterName, "Microsoft.AspNetCore.Hosting").AddOtlpExporter().Build();
        }
        else
        {
            // Nothing is collected here, but the context goes on to whoever collects.
            _passOn = new()
            {
                ShouldListenTo = source => source.Name == Name || sources.Contains(source.Name),
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
            };
            ActivitySource.AddActivityListener(_passOn);
        }

        ConfigureLogging = logging =>
        {
            if (isConfigured)
                logging.AddOpenTelemetry(options => options.SetResourceBuilder(resource).AddOtlpExporter());
        };
    }

    /// <summary>Spans of the product.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Instruments of the product.</summary>
    public static Meter Meter { get; } = new(Name);

    /// <summary>Adds the export to a logger factory.</summary>
    public Action<ILoggingBuilder> ConfigureLogging { get; }

    /// <summary>Starts collecting; what is pending is exported when the result is disposed.</summary>
    /// <param name="service">Name of the service, e.g. <c>imagic-worker</c>.</param>
    /// <param name="sources">Activity sources of others whose spans the product's own hang on.</param>
    public static ImagicTelemetry Start(string service, params string[] sources) => new(service, sources);

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
        _passOn?.Dispose();
    }
}
