using Imagic.Editing;
using Imagic.Imaging;

namespace Imagic.Cli.Edit;

/// <summary>Drives the display with what an edit in this process tells.</summary>
internal sealed class EventProgress(StageDisplay display, PreviewFolder previews, TimeProvider time) : IProgress<EditEvent>
{
    private long _started;
    private int _firstStep;

    public void Report(EditEvent value)
    {
        switch (value)
        {
            case EditEvent.StageStarted started:
                (_started, _firstStep) = (time.GetTimestamp(), started.Step);
                display.Start(started.Stage, started.Step, started.Steps);
                break;
            case EditEvent.StageReused reused: display.Reuse(reused.Stage); break;
            case EditEvent.Trained trained: Advance(trained.Stage, trained.Step, trained.Steps, trained.Loss); break;
            case EditEvent.Denoised denoised: Advance(EditStage.Sample, denoised.Step, denoised.Steps, null); break;
            case EditEvent.Reconstructed preview:
                previews.Save(PreviewFolder.Name(preview.Stage, preview.Step), ImageCodec.Encode(preview.Picture, ImageFormat.Png));
                break;
            case EditEvent.Checkpointed saved: display.Checkpoint(saved.Stage, saved.Step); break;
            case EditEvent.StageCompleted completed: display.Complete(completed.Stage, completed.Step, completed.Elapsed.TotalSeconds); break;
            case EditEvent.Notice notice: display.Line(notice.Text); break;
        }
    }

    private void Advance(EditStage stage, int step, int steps, float? loss) =>
        display.Advance(stage, step, steps, loss, (step - _firstStep) / Math.Max(time.GetElapsedTime(_started).TotalSeconds, 1e-9));
}
