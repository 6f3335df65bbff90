using Imagic.Diffusion.UNet;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Descent;
using Imagic.Editing.Memory;
using Imagic.Editing.Sample;
using Imagic.Editing.Stages;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>
/// Runs the stages of one edit, all of them or one at a time. Each starts from the results of those before it in the
/// journal, so a run that was stopped anywhere goes on by running it again, in this process or in another.
/// </summary>
public sealed class EditRunner : IDisposable
{
    private readonly LoadedModels _models;
    private readonly RgbImage _source;
    private readonly EditSettings _settings;
    private readonly IReadOnlyDictionary<EditStage, string> _fingerprints;
    private readonly StageRunner _stages;
    private readonly IProgress<StageEvent> _progress;
    private readonly EditOptions _options;
    private readonly Dictionary<EditStage, Checkpoint> _results = [];

    private EditRunner(
        LoadedModels models, RgbImage source, EditSettings settings, IReadOnlyDictionary<EditStage, string> fingerprints,
        StageRunner stages, IProgress<StageEvent> progress, EditOptions options)
    {
        (_models, _source, _settings, _fingerprints) = (models, source, settings, fingerprints);
        (_stages, _progress, _options) = (stages, progress, options);
    }

    /// <param name="models">What computes it; the runner's alone while it runs.</param>
    /// <param name="journal">Where checkpoints and results are.</param>
    /// <param name="source">Source picture at the model's working size.</param>
    /// <param name="settings">What to make of it.</param>
    /// <param name="options">How to run.</param>
    /// <param name="progress">Hears what happens.</param>
    /// <param name="time">Measures computing time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EditSettingsException">A setting is out of range.</exception>
    public static async Task<EditRunner> CreateAsync(
        LoadedModels models, CheckpointJournal journal, RgbImage source, EditSettings settings, EditOptions options,
        IProgress<StageEvent> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        settings.Validate();
        if (models.IsCascade && settings.SuperResolution is null)
            throw new EditSettingsException("super-resolution", $"is missing, and the model is a pixel cascade. Take the profile '{EditProfile.Cascade}', or one with super-resolution");
        if (!models.IsCascade && settings.SuperResolution is not null)
            throw new EditSettingsException("super-resolution", "is for pixel cascades, and the model is none. Leave it out, or take another profile");
        var model = await models.HashAsync(cancellationToken);
        var fingerprints = Fingerprint.Of(settings, model, source, $"{models.Dtype} {models.Device.type}");
        return new(models, source, settings, fingerprints, new(journal, options, progress, time), progress, options);
    }

    /// <summary>Runs all stages that are not done yet.</summary>
    /// <param name="cancellationToken">Honoured between two steps; a checkpoint is left then.</param>
    /// <exception cref="EditException">The computation diverged.</exception>
    public async Task<EditOutcome> RunAsync(CancellationToken cancellationToken)
    {
        foreach (var stage in _settings.Stages())
        {
            if (await RunStageAsync(stage, cancellationToken) is { IsDone: false } end)
                return new EditOutcome.Stopped(stage, end.Step);
        }

        return await FinishAsync();
    }

    /// <summary>Runs one stage; those before it must be done.</summary>
    /// <param name="stage">Which.</param>
    /// <param name="cancellationToken">Honoured between two steps; a checkpoint is left then.</param>
    /// <exception cref="EditException">The computation diverged.</exception>
    /// <exception cref="ResultMissingException">A stage before it has to be done first.</exception>
    public async Task<StageEnd> RunStageAsync(EditStage stage, CancellationToken cancellationToken)
    {
        switch (stage)
        {
            case EditStage.Optimize:
                return await RunAsync(CreateOptimize, Preview);
            case EditStage.FineTune:
                using (var inputs = await EmbeddingAsync())
                    return await RunAsync(_ => CreateFineTune(inputs), Preview);
            case EditStage.FineTuneSuperResolution:
                using (var inputs = await EmbeddingAsync())
                using (var pixels = Pixels())
                using (var small = LowResolution.From(inputs.Conditions.Latents, _models.Pictures.Factor, _models.Noising))
                    return await RunAsync(_ => CreateFineTuneSuperResolution(inputs.Conditions.Target, pixels, small), Preview);
            case EditStage.Sample when !_settings.Sample.Method.Tunes():
                using (var inputs = Untuned())
                    return await RunAsync(_ => new SampleStage(_models, new(inputs.Conditions, inputs.Optimized, Tuned: null), _settings), afterStep: null);
            default:
                using (var inputs = await EmbeddingAsync(_settings.Tuned is null ? null : new(_settings.TargetText, _settings.NegativeText)))
                using (var weights = (await ResultAsync(EditStage.FineTune)).Read("parameters", CPU))
                using (var super = _models.IsCascade ? (await ResultAsync(EditStage.FineTuneSuperResolution)).Read("parameters", CPU) : null)
                    return await RunAsync(_ => new SampleStage(_models, new(inputs.Conditions, inputs.Optimized, weights, super), _settings), afterStep: null);
        }

        Task<StageEnd> RunAsync<T>(Func<Checkpoint?, T> create, Action<T>? afterStep)
            where T : IStage => _stages.RunAsync(stage.Name(), _fingerprints[stage], create, afterStep, cancellationToken);

        void Preview(DescentStage descent)
        {
            if (_options.PreviewInterval > 0 && descent.Step % _options.PreviewInterval == 0)
                _progress.Report(new StageEvent.Reconstructed(stage.Name(), descent.Step, Reconstruct(descent, stage == EditStage.FineTuneSuperResolution)));
        }
    }

    /// <summary>What a finished edit has given.</summary>
    /// <exception cref="ResultMissingException">It is not finished.</exception>
    public async Task<EditOutcome.Finished> FinishAsync()
    {
        var sampled = await ResultAsync(EditStage.Sample);
        using var pictures = sampled.Read("pictures", CPU);
        using var latents = sampled.Read("latents", CPU);
        using var small = _models.IsCascade ? ImageTensors.ToBytes(latents) : null;
        var losses = new Dictionary<EditStage, float[]>();
        var seconds = new Dictionary<EditStage, double>();
        foreach (var stage in _settings.Stages())
        {
            var result = await ResultAsync(stage);
            seconds[stage] = result.Manifest.Seconds;
            if (stage == EditStage.Sample) continue;
            using var values = result.Read("losses", CPU);
            losses[stage] = values.data<float>().ToArray();
        }

        return new(
            [
                .. Cells(sampled).Select((cell, i) => new EditedImage(cell.Key, ImageTensors.ToImage(pictures, i))
                {
                    Small = small is null ? null : ImageTensors.ToImage(small, i),
                    Rank = cell.Rank,
                    Found = cell.Found,
                }),
            ],
            losses, seconds);
    }

    private IEnumerable<(ImageKey Key, int Rank, FoundStrength? Found)> Cells(Checkpoint sampled)
    {
        if (_settings.Sample.Search is null)
        {
            var seeds = _settings.Sample.Seeds.Distinct().ToList();
            return SamplePlan.Batches(_settings).SelectMany(batch => batch)
                .Select(key => (key, key.Strength == _settings.Suggested ? seeds.IndexOf(key.Seed) + 1 : 0, (FoundStrength?)null));
        }

        using var cells = sampled.Read(SampleCells.Name, CPU);
        return SampleCells.Read(cells, _settings).Select(cell => (cell.Key, cell.Rank, (FoundStrength?)new(cell.IsDraft, cell.Distance, cell.Alignment)));
    }

    public void Dispose()
    {
        foreach (var result in _results.Values) result.Dispose();
    }

    private sealed record TunedEmbedding(Conditions Conditions, TextEmbedding Optimized) : IDisposable
    {
        public void Dispose()
        {
            Conditions.Dispose();
            Optimized.Dispose();
        }
    }

    /// <param name="texts">To be sampled in place of those that were tuned with.</param>
    private async Task<TunedEmbedding> EmbeddingAsync(EditTexts? texts = null)
    {
        var optimized = await ResultAsync(EditStage.Optimize);
        var conditions = Conditions.Read(optimized, _models.Device);
        return new(texts is null ? conditions : conditions.With(_models, texts), optimized.ReadText("optimized", _models.Device));
    }

    // The negative text's embedding, which stands for the source, in the place of one that was optimized.
    private TunedEmbedding Untuned()
    {
        var conditions = Conditions.Encode(_models, _settings, _source);
        return new(conditions, conditions.Negative.Map(part => part.clone()));
    }

    private async Task<Checkpoint> ResultAsync(EditStage stage)
    {
        if (_results.TryGetValue(stage, out var known)) return known;
        string? damage = null;
        var found = await _stages.FindAsync(stage.Name(), _fingerprints[stage], text => damage = text);
        if (found is { Manifest.Complete: true }) return _results[stage] = found;
        found?.Dispose();
        throw new ResultMissingException(stage, damage ?? "it is not there, or it was made with another model, picture or settings.");
    }

    private OptimizeStage CreateOptimize(Checkpoint? saved)
    {
        Start(_models.Base);
        var conditions = saved is null
            ? Conditions.Encode(_models, _settings, _source)
            : Conditions.Read(saved, _models.Device);
        return new(conditions, Loss(EditStage.Optimize, conditions, out _), _settings.Optimize, Draws(EditStage.Optimize, _settings.Optimize, conditions));
    }

    private FineTuneStage CreateFineTune(TunedEmbedding inputs)
    {
        Start(_models.Base);
        var draws = Draws(EditStage.FineTune, _settings.FineTune, inputs.Conditions);
        var tuned = TunedWeights.Attach(_models.UNet.Parameters, _settings.FineTune, new LowRankStart(_settings.Seed));
        return new(tuned, Loss(EditStage.FineTune, inputs.Conditions, out var rung), inputs.Optimized, _settings.FineTune, draws, rung.Offload);
    }

    private FineTuneStage CreateFineTuneSuperResolution(TextEmbedding target, Tensor pixels, LowResolution small)
    {
        const EditStage Stage = EditStage.FineTuneSuperResolution;
        var (denoiser, settings) = (_models.SuperResolution, _settings.SuperResolution!.FineTune);
        Start(denoiser);
        var draws = StepRandom.Training(
            _settings.Seed, Stage.Name(), settings.Batch, pixels.shape[1..], denoiser.Schedule.AlphasCumprod.Count, _models.Device);
        var tuned = TunedWeights.Attach(denoiser.UNet.Parameters, settings, new LowRankStart(_settings.Seed, Stage));
        var rung = Rung(Stage, pixels.shape, (size, rung) => MemoryPlan.Of(denoiser.UNet, settings, size, _models.Dtype, _models.Device.type, rung));
        var loss = new DenoisingLoss(denoiser.UNet, denoiser.Schedule, pixels) { Recomputes = rung.Recompute, LowResolution = small };
        return new(
            tuned, loss, target, settings, StepRandom.Augmented(draws, SuperResolutionSettings.NoiseLevels, _settings.Seed, Stage.Name()), rung.Offload, Stage);
    }

    // (1, 3, H, W) in [−1, 1].
    private Tensor Pixels()
    {
        using var scope = NewDisposeScope();
        return _source.ToTensor().to(_models.Device).MoveToOuterDisposeScope();
    }

    private void Start(Denoiser denoiser)
    {
        _models.UnloadAllBut(denoiser);
        denoiser.Reset();
    }

    private DenoisingLoss Loss(EditStage stage, Conditions conditions, out MemoryRung rung)
    {
        rung = Rung(stage, conditions.Latents.shape, (size, rung) => stage == EditStage.Optimize
            ? MemoryPlan.Of(_models.UNet, _settings.Optimize, size, _models.Dtype, _models.Device.type, rung)
            : MemoryPlan.Of(_models.UNet, _settings.FineTune, size, _models.Dtype, _models.Device.type, rung));
        return new(_models.UNet, _models.Schedule, conditions.Latents, conditions.TimeIds) { Recomputes = rung.Recompute };
    }

    private MemoryRung Rung(EditStage stage, long[] shape, Func<(int Height, int Width), MemoryRung, MemoryNeed> needOf)
    {
        _models.DropVae(); // training has the memory to itself
        MemoryNeed Need(MemoryRung rung) => needOf(((int)shape[2], (int)shape[3]), rung);
        var bytes = _options.Memory.Bytes ?? DeviceMemory.Available(_models.Device, ofThis: Need(MemoryRung.Ladder[0]).Weights);
        var rung = MemoryPlan.Choose(_options.Memory, bytes, Need);
        if (Need(rung) is var need && need.Total > bytes) _progress.Report(new StageEvent.Notice(stage.Name(), need.TooMuch(rung, bytes)));
        return rung;
    }

    private DrawForStep Draws(EditStage stage, DescentSettings training, Conditions conditions) => StepRandom.Training(
        _settings.Seed, stage.Name(), training.Batch, conditions.Latents.shape[1..], _models.Schedule.AlphasCumprod.Count, _models.Device);

    // Always the same noise at half the schedule, so that successive pictures differ by the training alone.
    private RgbImage Reconstruct(DescentStage stage, bool isSuperResolution)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var noise = StepRandom.Noise(0, "reconstruct", 0, stage.LatentShape, _models.Device);
        var timestep = tensor([(long)_models.Schedule.AlphasCumprod.Count / 2], device: _models.Device);
        var draw = new StepDraw(noise, timestep);
        if (isSuperResolution)
            draw = draw with { Augmentation = (StepRandom.Noise(0, "reconstruct augmentation", 0, stage.LatentShape, _models.Device), timestep) };
        var picture = ImageTensors.ToImage(_models.Decode(stage.PredictSource(draw)), 0);
        _models.DropVae();
        return picture;
    }
}
