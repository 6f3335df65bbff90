using System.Globalization;

namespace Imagic.Lab.Train;

/// <summary>Runs the updates of a network from its newest checkpoint on, and writes checkpoints.</summary>
/// <param name="fingerprint">Of all that the numbers depend on.</param>
sealed class TrainingLoop(TrainOptions options, string fingerprint, IProgress<TrainingProgress> progress, TimeProvider time)
{
    /// <summary>Does the updates that are left.</summary>
    /// <param name="afterStep">Called after each of them.</param>
    /// <returns>Null when it stopped where it was asked to.</returns>
    /// <exception cref="OperationCanceledException">It was stopped, after a checkpoint was written.</exception>
    /// <exception cref="BadInputException">The checkpoint is of another training, or a loss is no number.</exception>
    public NetworkReport? Run(NetworkTrainer trainer, CancellationToken cancellationToken, Action? afterStep = null)
    {
        var checkpoint = Path.Combine(options.Folder, "checkpoints", $"{trainer.Name}.safetensors");
        Directory.CreateDirectory(Path.GetDirectoryName(checkpoint)!);
        TrainingCheckpoint.Restore(checkpoint, trainer, fingerprint);
        var first = trainer.Step;
        var started = time.GetTimestamp();
        var saved = started;
        var reports = new SpeedReports(progress, time, trainer.Name);
        while (trainer.Step < trainer.Config.Steps)
        {
            trainer.Advance();
            afterStep?.Invoke();
            if (reports.IsDue)
                reports.Report(trainer.Step, trainer.Config.Steps, Check(trainer), trainer.Config.Batch);
            var isEnd = options.StopAfter == new TrainingStop(trainer.Name, trainer.Step);
            if (!isEnd && !cancellationToken.IsCancellationRequested && time.GetElapsedTime(saved) < options.CheckpointInterval)
                continue;
            Check(trainer);
            TrainingCheckpoint.Write(checkpoint, trainer, fingerprint);
            saved = time.GetTimestamp();
            if (isEnd)
                return null;
            if (cancellationToken.IsCancellationRequested)
                throw new OperationCanceledException($"The training was stopped after step {trainer.Step} of the {trainer.Name}; the same command goes on from there.", cancellationToken);
        }
        Check(trainer);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        if (trainer.Step > first)
            TrainingCheckpoint.Write(checkpoint, trainer, fingerprint);
        var losses = trainer.Losses();
        WriteLosses(trainer.Name, losses);
        return NetworkReport.Of(trainer, losses, trainer.Step - first, seconds);
    }

    /// <summary>The loss of each step, as <c>losses/NAME.csv</c>.</summary>
    void WriteLosses(string name, float[] losses)
    {
        var path = Path.Combine(options.Folder, "losses", $"{name}.csv");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, ["step,loss", .. losses.Select((loss, step) => string.Create(CultureInfo.InvariantCulture, $"{step + 1},{loss:G6}"))]);
    }

    static float Check(NetworkTrainer trainer)
    {
        var loss = trainer.LastLoss();
        return float.IsFinite(loss)
            ? loss
            : throw new BadInputException($"The {trainer.Name} diverged: the loss of step {trainer.Step} is {loss}. Lower train_{trainer.Name}.learning_rate and delete its checkpoint.");
    }
}
