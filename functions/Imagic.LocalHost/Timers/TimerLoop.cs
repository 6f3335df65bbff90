using System.Diagnostics;
using Imagic.LocalHost.FunctionRpc;
using Imagic.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Imagic.LocalHost.Timers;

/// <summary>Runs a function by its schedule, in UTC. It remembers nothing: what a host that was down has missed is left out.</summary>
internal sealed partial class TimerLoop(TimerFunction function, WorkerSupervisor workers, ILogger logger, TimeProvider time)
{
    /// <summary>An invocation, as the real host's timer extension makes it.</summary>
    public static InvocationRequest Describe(TimerFunction function, string? traceParent) => new()
    {
        InvocationId = Guid.NewGuid().ToString("D"),
        TraceContext = new() { TraceParent = traceParent ?? "" },
        InputData = { new ParameterBinding { Name = function.Input, Data = new() { Json = """{ "IsPastDue": false }""" } } },
    };

    /// <summary>Runs until told to stop.</summary>
    /// <param name="stop">Begin no more.</param>
    /// <param name="abort">Give up the function that runs.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        var next = time.GetUtcNow().UtcDateTime;
        while (true)
        {
            // A timer may come a little early.
            var now = time.GetUtcNow().UtcDateTime;
            next = function.Schedule.GetNextOccurrence(next > now ? next : now);
            await Task.Delay(next - now, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            var worker = await workers.ReadyAsync(abort);
            using var activity = ImagicTelemetry.Source.StartActivity($"invoke {function.Name}", ActivityKind.Client);
            if (await worker.InvokeAsync(function, Describe(function, Activity.Current?.Id), abort) is { } problem)
                LogFailed(logger, function.Name, problem);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Function} failed: {Problem}")]
    private static partial void LogFailed(ILogger logger, string function, string problem);
}
