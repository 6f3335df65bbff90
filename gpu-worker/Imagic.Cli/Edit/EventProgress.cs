using Imagic.Editing.Stages;
using Imagic.Imaging;

namespace Imagic.Cli.Edit;

/// <summary>Drives the display with what an edit in this process tells.</summary>
internal sealed class EventProgress(StageDisplay display, PreviewFolder previews, TimeProvider time) : IProgress<StageEvent>
{
    private long _started;
    private int _firstStep;

    public void Report(StageEvent value)
    {
        if (!EnumNames.TryParse<EditStage>(value.Stage, out var stage)) return;
        switch (value)
        {
            case StageEvent.Started started:
                (_started, _firstStep) = (time.GetTimestamp(), started.Step);
                display.Start(stage, started.Step, started.Steps);
                break;
            case StageEvent.Reused: display.Reuse(stage); break;
            case StageEvent.Advanced advanced:
                var rate = (advanced.Step - _firstStep) / Math.Max(time.GetElapsedTime(_started).TotalSeconds, 1e-9);
                display.Advance(stage, advanced.Step, advanced.Steps, advanced.Loss, rate);
                break;
            case StageEvent.Reconstructed preview:
                previews.Save(StoragePaths.Preview(stage, preview.Step), ImageCodec.Encode(preview.Picture, ImageFormat.Png));
                break;
            case StageEvent.Checkpointed saved: display.Checkpoint(stage, saved.Step); break;
            case StageEvent.Completed completed: display.Complete(stage, completed.Step, completed.Elapsed.TotalSeconds); break;
            case StageEvent.Notice notice: display.Line(notice.Text); break;
        }
    }
}
