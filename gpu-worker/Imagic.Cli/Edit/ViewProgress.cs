using Imagic.Contracts.Edits;

namespace Imagic.Cli.Edit;

/// <summary>
/// Drives the display with what the API tells of an edit. Answers may come late or not at all: only the newest counts,
/// and whatever lies between two of them is made up for.
/// </summary>
internal sealed class ViewProgress(StageDisplay display, TimeProvider time)
{
    // A worker that is there takes an edit within a second.
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(4);

    private readonly HashSet<EditStage> _ended = [];
    // With how often each was resumed.
    private readonly Dictionary<EditStage, int> _running = [];
    private EditView? _last;
    private long? _queuedSince;
    private bool _isWaitingShown;

    public void Show(EditView view)
    {
        if (_last is not null && view.Sequence <= _last.Sequence)
        {
            ShowWaiting(_last);
            return;
        }

        foreach (var status in view.Stages.Where(status => status.Done && _ended.Add(status.Stage)))
        {
            if (_last is null)
            {
                display.Reuse(status.Stage);
                continue;
            }

            if (!_running.Remove(status.Stage)) display.Start(status.Stage, 0, status.Step);
            display.Complete(status.Stage, status.Step, status.Seconds);
        }

        if (view.State == EditState.Running)
        {
            foreach (var progress in new[] { view.Progress, view.Beside }.OfType<EditProgress>().Where(progress => !_ended.Contains(progress.Stage))) Follow(view, progress);
        }

        ShowWaiting(view);
        _last = view;
    }

    private void Follow(EditView view, EditProgress progress)
    {
        var status = view.Stages.FirstOrDefault(status => status.Stage == progress.Stage) ?? new(progress.Stage);
        if (!_running.TryGetValue(progress.Stage, out var resumes) || status.Resumes > resumes)
        {
            _running[progress.Stage] = status.Resumes;
            var from = status.Resumes > 0 ? Math.Min(status.Step, progress.Step) : 0;
            display.Start(progress.Stage, from, progress.Steps, view.Resumes > 0 ? Times(view.Resumes) : null);
        }

        if (progress.StepsPerSecond is { } rate and > 0) display.Advance(progress.Stage, progress.Step, progress.Steps, progress.Loss, rate);
    }

    private void ShowWaiting(EditView view)
    {
        // Between two stages an edit is queued for a moment.
        if (view.State != EditState.Queued)
        {
            (_queuedSince, _isWaitingShown) = (null, false);
        }
        else if (!_isWaitingShown && time.GetElapsedTime(_queuedSince ??= time.GetTimestamp()) > UsualWait)
        {
            _isWaitingShown = true;
            display.Line("Waiting for a worker …");
        }
    }

    private static string Times(int resumes) => resumes == 1 ? "resumed once" : $"resumed {resumes} times";
}
