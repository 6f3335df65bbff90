using Imagic.Editing.Checkpoints;
using Imagic.Editing.FineTune;
using Imagic.Editing.Optimize;
using Imagic.Editing.Sample;
using Imagic.Editing.Training;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>
/// Runs the three stages of one edit in this process. Each stage starts from the results of those before it in the
/// store, so a run that was stopped anywhere goes on by running it again.
/// </summary>
public sealed class EditRunner(LoadedModels models, ICheckpointStore store, IProgress<EditEvent> progress, TimeProvider clock)
{
    /// <summary>Runs what is not done yet.</summary>
    /// <param name="source">Source picture at the model's working size.</param>
    /// <param name="settings">What to make of it.</param>
    /// <param name="options">How to run.</param>
    /// <param name="cancellationToken">Honoured between two steps; a checkpoint is left then.</param>
    /// <exception cref="EditSettingsException">A setting is out of range.</exception>
    /// <exception cref="EditException">The computation diverged.</exception>
    public async Task<EditOutcome> RunAsync(
        Picture source, EditSettings settings, EditOptions options, CancellationToken cancellationToken)
    {
        settings.Validate();
        var model = await models.Package.HashAsync(cancellationToken);
        var fingerprints = Fingerprint.Of(settings, model, source, $"{models.Dtype} {models.Device.type}");
        var journal = new CheckpointJournal(store, await CheckpointJournal.NextEpochAsync(store, cancellationToken));
        var stages = new StageRunner(journal, fingerprints, options, progress, clock);

        var end = await stages.RunAsync(
            EditStage.Optimize, saved => CreateOptimize(source, settings, saved), Reconstruct, cancellationToken);
        if (end.Saved is not { } optimized) return new EditOutcome.Stopped(EditStage.Optimize, end.Step);
        using var ownOptimized = optimized;
        using var conditions = Conditions.Read(optimized, models.Device);
        using var embedding = optimized.Read("optimized", models.Device);

        end = await stages.RunAsync(
            EditStage.FineTune, _ => CreateFineTune(conditions, embedding, settings), Reconstruct, cancellationToken);
        if (end.Saved is not { } tuned) return new EditOutcome.Stopped(EditStage.FineTune, end.Step);
        using var ownTuned = tuned;
        using var weights = tuned.Read("parameters", models.Device);

        end = await stages.RunAsync(
            EditStage.Sample,
            _ => new SampleStage(models, new(conditions, embedding, weights), settings),
            Reconstruct,
            cancellationToken);
        if (end.Saved is not { } sampled) return new EditOutcome.Stopped(EditStage.Sample, end.Step);
        using var ownSampled = sampled;
        return Finish(settings, optimized, tuned, sampled);
    }

    private OptimizeStage CreateOptimize(Picture source, EditSettings settings, Checkpoint? saved)
    {
        models.ResetUNet();
        var conditions = saved is null
            ? Conditions.Encode(models, settings, source)
            : Conditions.Read(saved, models.Device);
        return new(conditions, Loss(conditions), settings.Optimize, Draws(EditStage.Optimize, settings, settings.Optimize, conditions));
    }

    private FineTuneStage CreateFineTune(Conditions conditions, Tensor embedding, EditSettings settings)
    {
        models.ResetUNet();
        var draws = Draws(EditStage.FineTune, settings, settings.FineTune, conditions);
        return new(models.UNet.Parameters, Loss(conditions), embedding, settings.FineTune, draws);
    }

    private DenoisingLoss Loss(Conditions conditions) => new(models.UNet, models.Schedule, conditions.Latents);

    private DrawForStep Draws(EditStage stage, EditSettings settings, TrainingSettings training, Conditions conditions) =>
        StepRandom.Training(
            settings.Seed, stage.Name(), training.Batch, conditions.Latents.shape[1..], models.Schedule.AlphasCumprod.Count, models.Device);

    // Always the same noise at half the schedule, so that successive pictures differ by the training alone.
    private Picture Reconstruct(TrainingStage stage)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var noise = StepRandom.Noise(0, "reconstruct", 0, stage.LatentShape, models.Device);
        var timestep = tensor([(long)models.Schedule.AlphasCumprod.Count / 2], device: models.Device);
        return PictureTensors.ToPicture(models.Decode(stage.PredictSource(new(noise, timestep))), 0);
    }

    private static EditOutcome.Finished Finish(EditSettings settings, Checkpoint optimized, Checkpoint tuned, Checkpoint sampled)
    {
        using var pictures = sampled.Read("pictures", CPU);
        return new(
            [.. SamplePlan.Batches(settings).SelectMany(batch => batch).Select((key, i) => new EditedPicture(key, PictureTensors.ToPicture(pictures, i)))],
            new Dictionary<EditStage, float[]>
            {
                [EditStage.Optimize] = Losses(optimized),
                [EditStage.FineTune] = Losses(tuned),
            },
            new Dictionary<EditStage, double>
            {
                [EditStage.Optimize] = optimized.Manifest.Seconds,
                [EditStage.FineTune] = tuned.Manifest.Seconds,
                [EditStage.Sample] = sampled.Manifest.Seconds,
            });
    }

    private static float[] Losses(Checkpoint stage)
    {
        using var losses = stage.Read("losses", CPU);
        return losses.data<float>().ToArray();
    }
}
