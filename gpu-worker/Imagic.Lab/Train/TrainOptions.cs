using static TorchSharp.torch;

namespace Imagic.Lab.Train;

/// <param name="Folder">Gets <c>model/</c>, <c>scorer/</c>, <c>checkpoints/</c>, <c>losses/</c>,
/// <c>report.json</c> and pictures.</param>
/// <param name="Dtype">What the denoiser and the scorer compute in.</param>
/// <param name="CheckpointInterval">Time between two checkpoints, at most.</param>
/// <param name="SheetInterval">Steps of the denoiser between two sheets of pictures, <c>sheets/STEP.png</c>; 0 makes none but the
/// last, <c>text-to-image.png</c>, and null not that either.</param>
/// <param name="StopAfter">Where to stop early with a checkpoint, if anywhere.</param>
public sealed record TrainOptions(
    string Folder, ScalarType Dtype, Device Device, TimeSpan CheckpointInterval, int? SheetInterval = null, TrainingStop? StopAfter = null);

/// <summary>Stop after <paramref name="Step"/> steps of a network: autoencoder, scorer or denoiser.</summary>
public readonly record struct TrainingStop(string Network, int Step)
{
    public override string ToString() => $"{Network}:{Step}";
}

/// <summary>How far a training is.</summary>
/// <param name="What">Network, or the preparation before it.</param>
/// <param name="Step">Steps or pictures done.</param>
/// <param name="Of">In all.</param>
/// <param name="Loss">Of the newest step; null in preparations.</param>
/// <param name="PicturesPerSecond">Since the last report.</param>
public readonly record struct TrainingProgress(string What, int Step, int Of, float? Loss, double PicturesPerSecond);
