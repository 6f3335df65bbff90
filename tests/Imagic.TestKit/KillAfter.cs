using System.Diagnostics;
using Imagic.Editing;

namespace Imagic.TestKit;

/// <summary>Kills this very process with SIGKILL at a step boundary, as a preemption without notice does.</summary>
public sealed class KillAfter(StopPoint point) : IProgress<EditEvent>
{
    /// <inheritdoc/>
    public void Report(EditEvent value)
    {
        var reached = value switch
        {
            EditEvent.StageStarted started => new StopPoint(started.Stage, started.Step),
            EditEvent.Trained trained => new StopPoint(trained.Stage, trained.Step),
            EditEvent.Denoised denoised => new StopPoint(EditStage.Sample, denoised.Step),
            _ => default(StopPoint?),
        };
        if (reached == point) Process.GetCurrentProcess().Kill();
    }
}
