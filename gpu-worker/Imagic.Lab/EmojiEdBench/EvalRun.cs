using Imagic.Contracts.Settings;
using Imagic.Editing;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using Imagic.Lab.Train;
using static TorchSharp.torch;

namespace Imagic.Lab.EmojiEdBench;

/// <param name="Folder">Gets a result per edit, and checkpoints of those that are not done.</param>
/// <param name="KeepTuned">Keep each edit's tuned weights, so that another η or s needs no tuning again.</param>
/// <param name="Edit">How an edit is run.</param>
public sealed record EvalOptions(string Folder, bool KeepTuned, EditOptions Edit);

/// <summary>How far an evaluation is.</summary>
/// <param name="Done">Edits, with the part done of the one that is computed.</param>
public readonly record struct EvalProgress(BenchEdit Edit, double Done, int Of);

/// <summary>Makes the pictures of all edits by all methods. A run that was stopped anywhere goes on by running it again.</summary>
public sealed class EvalRun(LoadedModels models, BenchImages pictures, EvalPlan plan, EvalOptions options, TimeProvider time)
{
    private readonly EvalResults _results = new(options.Folder);

    /// <summary>Makes what is missing.</summary>
    /// <exception cref="OperationCanceledException">After a checkpoint was written.</exception>
    /// <exception cref="EditException">A tuning diverged.</exception>
    public async Task RunAsync(Shard shard, IProgress<EvalProgress> progress, CancellationToken cancellationToken)
    {
        BenchEdit[] mine = [.. plan.Edits.Where((_, i) => shard.Has(i))];
        foreach (var (done, edit) in mine.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fingerprint = await FingerprintAsync(edit, cancellationToken);
            if (!_results.Holds(edit, fingerprint))
                await RenderAsync(edit, fingerprint, new StepCount(plan.For(edit), share => progress.Report(new(edit, done + share, mine.Length))), cancellationToken);
            progress.Report(new(edit, done + 1, mine.Length));
        }
    }

    /// <summary>The first edit whose pictures are not there; null when all are.</summary>
    public async Task<BenchEdit?> FindMissingAsync(CancellationToken cancellationToken)
    {
        foreach (var edit in plan.Edits)
        {
            if (!_results.Holds(edit, await FingerprintAsync(edit, cancellationToken))) return edit;
        }
        return null;
    }

    // Not the device: what a GPU has made is measured elsewhere.
    private async Task<string> FingerprintAsync(BenchEdit edit, CancellationToken cancellationToken) => plan.Fingerprint(
        edit, pictures.Image(edit.Source), await models.HashAsync(cancellationToken), $"{models.Dtype}");

    private async Task RenderAsync(BenchEdit edit, string fingerprint, StepCount steps, CancellationToken cancellationToken)
    {
        var work = Path.Combine(options.Folder, "work", edit.Id);
        using var baselines = await RenderBaselinesAsync(edit, work, cancellationToken);
        using var edited = await EditAsync(edit, work, plan.For(edit), steps, cancellationToken);
        using var found = plan.Search is null ? null : await FindAsync(edit, work, cancellationToken);
        using var all = cat(found is null ? [edited, baselines] : [edited, found, baselines]);
        _results.Write(edit, fingerprint, all);
        if (!options.KeepTuned) Directory.Delete(work, recursive: true);
    }

    /// <summary>What Imagic is compared with, on the model as it is and from the noise that Imagic's samples start from, (S + 2, H, W, 3) bytes.</summary>
    private async Task<Tensor> RenderBaselinesAsync(BenchEdit edit, string work, CancellationToken cancellationToken)
    {
        var sdEdit = await ByMethodAsync(EditMethod.SdEdit, plan.Strengths);
        var ddib = await ByMethodAsync(EditMethod.Ddib, [1]);
        var sample = plan.Settings.Sample;
        var fromText = new TextToImage(sample.Steps, sample.Guidance) { NegativeText = plan.Settings.NegativeText, Side = pictures.Side / models.Pictures.Factor };
        models.ResetUNet();
        using var own = ToTensor([.. sdEdit, .. ddib]);
        using var text = fromText.Pictures(models, [edit.Text], sample.Seeds, cancellationToken);
        return cat([own, text]);

        async Task<IEnumerable<RgbImage>> ByMethodAsync(EditMethod method, IReadOnlyList<double> etas)
        {
            var settings = plan.ForMethod(edit, method, etas);
            // Their only stage has the name of Imagic's last: in a folder of its own neither replaces the other's.
            var made = await RunAsync(edit, Path.Combine(work, method.Name()), settings, new StepCount(settings, _ => { }), cancellationToken);
            return etas.Select(eta => made.Single(picture => picture.Key.Strength.Eta == eta).Picture);
        }
    }

    /// <summary>Bytes (N, H, W, 3) of all η and s.</summary>
    private async Task<Tensor> EditAsync(BenchEdit edit, string work, EditSettings settings, IProgress<StageEvent> steps, CancellationToken cancellationToken) =>
        ToTensor((await RunAsync(edit, work, settings, steps, cancellationToken)).Select(picture => picture.Picture));

    /// <summary>The suggested picture, and its seed's axis, (1 + cells, H, W, 3).</summary>
    private async Task<Tensor> FindAsync(BenchEdit edit, string work, CancellationToken cancellationToken)
    {
        var settings = plan.ForSearch(edit);
        // Its steps come on top of those that are counted.
        var made = await RunAsync(edit, work, settings, new StepCount(settings, _ => { }), cancellationToken);
        EditedImage[] axis = [.. made.Where(picture => picture.Key.Strength.Eta != 0)];
        return ToTensor([made.Single(picture => picture.Rank == 1).Picture, .. Enumerable.Range(0, StrengthSearch.Kept).Select(i => axis[Math.Min(i, axis.Length - 1)].Picture)]);
    }

    private async Task<IReadOnlyList<EditedImage>> RunAsync(
        BenchEdit edit, string work, EditSettings settings, IProgress<StageEvent> steps, CancellationToken cancellationToken)
    {
        var store = new FolderCheckpointStore(work);
        var journal = new CheckpointJournal(store, await CheckpointJournal.NextEpochAsync(store, cancellationToken));
        using var runner = await EditRunner.CreateAsync(models, journal, pictures.Image(edit.Source), settings, options.Edit, steps, time, cancellationToken);
        return await runner.RunAsync(cancellationToken) is EditOutcome.Finished finished
            ? finished.Pictures
            : throw new OperationCanceledException("The evaluation was stopped; the same command goes on from there.", cancellationToken);
    }

    private Tensor ToTensor(IEnumerable<RgbImage> images)
    {
        byte[][] pixels = [.. images.Select(image => image.Pixels)];
        return tensor(pixels.SelectMany(image => image).ToArray(), [pixels.Length, pictures.Side, pictures.Side, 3], dtype: ScalarType.Byte);
    }

    /// <summary>Counts the steps of an edit's three stages.</summary>
    private sealed class StepCount(EditSettings settings, Action<double> report) : IProgress<StageEvent>
    {
        public void Report(StageEvent value)
        {
            var (optimize, fineTune) = (settings.Optimize.Steps, settings.FineTune.Steps);
            var sample = settings.EtasWithSource().Length * settings.Sample.Blends.Length;
            if (value is not StageEvent.Advanced advanced || !EnumNames.TryParse<EditStage>(advanced.Stage, out var stage)) return;
            var done = stage switch
            {
                EditStage.Optimize => advanced.Step,
                EditStage.FineTune => optimize + advanced.Step,
                _ => optimize + fineTune + (double)sample * advanced.Step / advanced.Steps,
            };
            report(done / (optimize + fineTune + sample));
        }
    }
}
