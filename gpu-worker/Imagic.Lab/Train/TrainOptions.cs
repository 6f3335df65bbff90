using Imagic.Editing.Stages;
using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <param name="Folder">Gets <c>model/</c>, <c>scorer/</c>, <c>checkpoints/</c>, <c>losses/</c>,
/// <c>report.json</c> and pictures.</param>
/// <param name="Dtype">What the denoiser and the scorer compute in.</param>
/// <param name="Stages">When checkpoints are written, and where to stop early.</param>
/// <param name="SheetInterval">Steps of the denoiser between two sheets of pictures, <c>sheets/STEP.png</c>; 0 makes none but the
/// last, <c>text-to-image.png</c>, and null not that either.</param>
public sealed record TrainOptions(string Folder, ScalarType Dtype, Device Device, StageOptions Stages, int? SheetInterval = null);

/// <summary>How far a training is.</summary>
/// <param name="What">Network, or the preparation before it.</param>
/// <param name="Step">Steps or pictures done.</param>
/// <param name="Of">In all.</param>
/// <param name="Loss">Of the newest step; null in preparations.</param>
/// <param name="PicturesPerSecond">Since the last report.</param>
public readonly record struct TrainingProgress(string What, int Step, int Of, float? Loss, double PicturesPerSecond);

/// <summary>Reports about once a second, with the speed since the report before.</summary>
internal sealed class SpeedReports(IProgress<TrainingProgress> reports, TimeProvider time, string what) : IProgress<(int Done, int Of)>
{
    private long _last = time.GetTimestamp();
    private int? _lastStep;

    public void Report((int Done, int Of) value)
    {
        if (IsDue || value.Done == value.Of) Report(value.Done, value.Of, null, 1);
    }

    /// <summary>Reports the updates of a network, whose loss has to be waited for.</summary>
    public void Report(NetworkTrainer trainer)
    {
        if (IsDue) Report(trainer.Step, trainer.Steps, trainer.LastLoss(), trainer.Config.Batch);
    }

    private bool IsDue => time.GetElapsedTime(_last) > TimeSpan.FromSeconds(1);

    private void Report(int step, int of, float? loss, int batch)
    {
        var seconds = time.GetElapsedTime(_last).TotalSeconds;
        var speed = _lastStep is { } before ? (step - before) * batch / seconds : 0;
        (_last, _lastStep) = (time.GetTimestamp(), step);
        reports.Report(new(what, step, of, loss, speed));
    }
}
