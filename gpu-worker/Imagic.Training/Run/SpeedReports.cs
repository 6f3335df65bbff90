namespace Imagic.Training.Run;

/// <summary>Reports about once a second, with the speed since the report before.</summary>
sealed class SpeedReports(IProgress<TrainingProgress> reports, TimeProvider clock, string what) : IProgress<(int Done, int Of)>
{
    long _last = clock.GetTimestamp();
    int? _lastStep;

    public bool IsDue => clock.GetElapsedTime(_last) > TimeSpan.FromSeconds(1);

    public void Report(int step, int of, float? loss, int batch)
    {
        var seconds = clock.GetElapsedTime(_last).TotalSeconds;
        var speed = _lastStep is { } before ? (step - before) * batch / seconds : 0;
        (_last, _lastStep) = (clock.GetTimestamp(), step);
        reports.Report(new(what, step, of, loss, speed));
    }

    public void Report((int Done, int Of) value)
    {
        if (IsDue || value.Done == value.Of)
            Report(value.Done, value.Of, null, 1);
    }
}
