using System.Diagnostics;
using Imagic.Editing.Stages;

namespace Imagic.TestKit;

/// <summary>Kills this very process with SIGKILL at a step boundary, as a preemption without notice does.</summary>
public sealed class KillAfter(StopPoint point) : IProgress<StageEvent>
{
    /// <inheritdoc/>
    public void Report(StageEvent value)
    {
        var reached = value switch
        {
            StageEvent.Started started => new StopPoint(started.Stage, started.Step),
            StageEvent.Advanced advanced => new StopPoint(advanced.Stage, advanced.Step),
            _ => default(StopPoint?),
        };
        if (reached == point) Process.GetCurrentProcess().Kill();
    }
}
