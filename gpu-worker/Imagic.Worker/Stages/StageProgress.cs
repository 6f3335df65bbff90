using System.Collections.Concurrent;
using Imagic.Contracts.Edits;
using Imagic.Editing.Stages;

namespace Imagic.Worker.Stages;

/// <summary>
/// Collects what a running stage tells, for the reporter that writes it into the record. Steps only leave numbers here
/// and never wait.
/// </summary>
/// <param name="stage">The stage.</param>
/// <param name="before">What was known of it when this worker claimed it.</param>
/// <param name="observers">Get everything first.</param>
/// <param name="time">Clock.</param>
internal sealed class StageProgress(
    EditStage stage, StageStatus before, IEnumerable<IProgress<StageEvent>> observers, TimeProvider time) : IProgress<StageEvent>
{
    private readonly Lock _lock = new();
    private EditProgress? _progress;
    private string? _preview;
    private long _started = time.GetTimestamp();
    private int _firstStep;
    private int _checkpoints;
    private TimeSpan _blocked;

    public EditStage Stage { get; } = stage;

    /// <summary>Pictures that are not uploaded yet.</summary>
    public ConcurrentQueue<StageEvent.Reconstructed> Pictures { get; } = [];

    /// <summary>Things that a person should know and that do not stop the edit.</summary>
    public ConcurrentQueue<string> Notices { get; } = [];

    /// <summary>The newest uploaded picture's name.</summary>
    public string? Preview
    {
        set
        {
            lock (_lock) _preview = value;
        }
    }

    public void Report(StageEvent value)
    {
        foreach (var observer in observers) observer.Report(value);
        switch (value)
        {
            case StageEvent.Started started:
                lock (_lock)
                {
                    (_firstStep, _started) = (started.Step, time.GetTimestamp());
                    _progress = new(Stage, started.Step, started.Steps);
                }

                break;
            case StageEvent.Advanced advanced: Advance(advanced.Step, advanced.Steps, advanced.Loss); break;
            case StageEvent.Reconstructed picture: Pictures.Enqueue(picture); break;
            case StageEvent.Notice notice: Notices.Enqueue(notice.Text); break;
            case StageEvent.Checkpointed saved:
                lock (_lock)
                {
                    _checkpoints++;
                    _blocked += saved.Blocked;
                }

                break;
        }
    }

    /// <summary>The record with everything that is known now.</summary>
    public EditRecord ApplyTo(EditRecord record)
    {
        lock (_lock)
        {
            if (_progress is null) return record;
            var status = record.StatusOf(Stage) with
            {
                Checkpoints = before.Checkpoints + _checkpoints,
                CheckpointSeconds = Math.Round(before.CheckpointSeconds + _blocked.TotalSeconds, 4),
            };
            var turn = record.TurnOf(Stage);
            return record.With(status).With(Stage, turn with { Progress = _progress with { Preview = _preview ?? turn.Progress?.Preview } });
        }
    }

    private void Advance(int step, int steps, float? loss)
    {
        lock (_lock)
        {
            var speed = (step - _firstStep) / Math.Max(time.GetElapsedTime(_started).TotalSeconds, 1e-9);
            _progress = new(Stage, step, steps)
            {
                Loss = loss,
                StepsPerSecond = Math.Round(speed, 3),
                SecondsLeft = Math.Round((steps - step) / speed, 1),
            };
        }
    }
}
