namespace Imagic.Lab.Train;

/// <summary>Reports about once a second, with the speed since the report before.</summary>
sealed class SpeedReports(IProgress<TrainingProgress> reports, TimeProvider time, string what) : IProgress<(int Done, int Of)>
{
    long _last = time.GetTimestamp();
    int? _lastStep;

    public bool IsDue => time.GetElapsedTime(_last) > TimeSpan.FromSeconds(1);

    public void Report(int step, int of, float? loss, int batch)
    {
        var seconds = time.GetElapsedTime(_last).TotalSeconds;
        var speed = _lastStep is { } before ? (step - before) * batch / seconds : 0;
        (_last, _lastStep) = (time.GetTimestamp(), step);
        reports.Report(new(what, step, of, loss, speed));
    }

    public void Report((int Done, int Of) value)
    {
        if (IsDue || value.Done == value.Of)
            Report(value.Done, value.Of, null, 1);
    }
}
