using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>What sampling starts from.</summary>
/// <param name="Conditions">Source latent and texts.</param>
/// <param name="Optimized">e_opt, states (1, T, d); without a tuning that of the negative text.</param>
/// <param name="Tuned">What stage 2 moved as one flat float32 buffer, in host memory; null without a tuning.</param>
/// <param name="TunedSuperResolution">The same of a cascade's super-resolution.</param>
public sealed record SampleInputs(Conditions Conditions, TextEmbedding Optimized, Tensor? Tuned, Tensor? TunedSuperResolution = null);

/// <summary>
/// The last stage: e = η·e_tgt + (1−η)·e_opt sampled with θ = θ_base + s·(θ_tuned − θ_base), for every seed, η and s of
/// the plan (paper section 3.2, "text embedding interpolation"), or what another <see cref="EditMethod"/> makes of the
/// source. A step is one denoising step of one batch, or one look at the alignment of drafts; a cascade's batch is
/// denoised twice, small and then large.
/// </summary>
public sealed class SampleStage : IStage
{
    private readonly LoadedModels _models;
    private readonly SampleInputs _inputs;
    private readonly EditSettings _settings;
    private readonly BlendedWeights _weights;
    private readonly BasePass _base;
    private readonly BasePass? _draft;
    private readonly InversionPass? _inversion;
    private readonly SuperResolutionPass? _superResolution;
    private readonly SearchPlan? _search;
    private readonly SearchFacts? _facts;
    private readonly IEnumerator<IEnumerable<SampleBatch>> _phases;
    private readonly Queue<SampleBatch> _batches = [];
    private readonly List<(SampleBatch Batch, Tensor Latents, Tensor? Pictures)> _done = [];
    private readonly List<Tensor> _gains = [];
    private SampleBatch? _batch;
    private int _startedAt;
    private Tensor? _small;
    private Sampler? _sampler;
    private SchedulerStep? _x;

    /// <summary>Starts with the first batch of the plan.</summary>
    public SampleStage(LoadedModels models, SampleInputs inputs, EditSettings settings)
    {
        (_models, _inputs, _settings) = (models, inputs, settings);
        _weights = new(models.Base, settings.FineTune, inputs.Tuned);
        _base = settings.Sample.Method switch
        {
            EditMethod.SdEdit => new SdEditPass(models, _weights, Scheduler(settings.Sample.Scheduler, settings.Sample.Steps), inputs, settings.Sample),
            EditMethod.Ddib => new BridgePass(_weights, Scheduler(settings.Sample.Scheduler, settings.Sample.Steps), inputs, settings.Sample.Guidance, models.Device, () => _done[0].Latents),
            _ => Pass(settings.Sample.Scheduler, settings.Sample.Steps),
        };
        if (settings.Sample.Method == EditMethod.Ddib) _inversion = new(_weights, models.Base.CreateInverse(settings.Sample.Steps), inputs, models.Device);
        _superResolution = models.IsCascade ? new(models, inputs, settings) : null;
        if (settings.Sample.Search is { } search)
        {
            // DPM-Solver++ does not know the thresholds that pixels need.
            _draft = Pass(models.IsCascade ? settings.Sample.Scheduler : SchedulerType.DpmSolverMultistep, search.Steps);
            _search = new(settings, refinesAll: models.IsCascade);
            _facts = new(models.Pictures, inputs.Conditions.Latents) { Reference = _search.Reference };
        }

        _phases = (_search?.Batches(_facts!) ?? [SamplePlan.Listed(settings)]).GetEnumerator();
        Next();

        BasePass Pass(SchedulerType scheduler, int steps) => new(_weights, Scheduler(scheduler, steps), inputs, settings.Sample.Guidance, models.Device);

        IScheduler Scheduler(SchedulerType scheduler, int steps) => models.Base.CreateScheduler(scheduler, steps, settings.SuperResolution?.Variance);
    }

    public int Step { get; private set; }

    /// <summary>Of a search, those that it takes at most.</summary>
    public int Steps => _batch is { } batch
        ? _startedAt + StepsOf(batch) + _batches.Sum(StepsOf) + (_search?.MostSteps(kind => StepsOf(new(kind, []))) ?? 0) : Step;

    public bool IsDone => _batch is null;

    public float? Advance()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (kind, keys) = _batch!.Value;
        var index = Step - _startedAt;
        if (kind == SampleKind.Alignment) Look(keys, index);
        else Denoise(kind, keys, index);
        Step++;
        if (index + 1 == StepsOf(_batch.Value)) Complete(kind, keys);
        return null;
    }

    public IReadOnlyList<NamedTensor> State() =>
    [
        .. _x is { Sample: var sample } ? new[] { new NamedTensor("sample", sample) } : [],
        new("history", _x is { History: { Count: > 0 } history } ? stack([.. history]) : empty(0)),
        .. _small is null ? Array.Empty<NamedTensor>() : [new("small", _small)],
        .. _gains.Select((tensor, i) => new NamedTensor($"gain.{i}", tensor)),
        .. _done.Select((done, i) => new NamedTensor($"latents.{i}", done.Latents)),
        .. _done.Index().Where(done => done.Item.Pictures is not null).Select(done => new NamedTensor($"pictures.{done.Index}", done.Item.Pictures!)),
    ];

    public void Restore(Checkpoint saved)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; saved.Has($"latents.{i}"); i++)
        {
            Step = _startedAt + StepsOf(_batch!.Value);
            Add(_batch.Value, saved.Read($"latents.{i}", _models.Device), saved.Has($"pictures.{i}") ? saved.Read($"pictures.{i}", CPU) : null);
        }

        Step = saved.Manifest.Step;
        for (var i = 0; saved.Has($"gain.{i}"); i++) _gains.Add(saved.Read($"gain.{i}", _models.Device));
        if (saved.Has("small")) _small = saved.Read("small", _models.Device);
        if (!saved.Has("sample")) return;
        using var history = saved.Read("history", _models.Device);
        Tensor[] tensors = history.numel() > 0 ? history.unbind(0) : [];
        _x = new(saved.Read("sample", _models.Device), [.. tensors.Select(tensor => tensor.clone().DetachFromDisposeScope())]);
    }

    /// <summary>What the base made, (N, C, h, w), and bytes (N, H, W, 3) of all pictures, in the order of the plan. Of a search also
    /// which they are, see <see cref="SampleCells"/>.</summary>
    public IReadOnlyList<NamedTensor> Result()
    {
        var made = _done.Where(done => done.Batch.Kind == SampleKind.Picture).ToList();
        if (_search is null) return [new("latents", cat([.. made.Select(done => done.Latents)])), new("pictures", cat([.. made.Select(done => done.Pictures!)]))];
        var pictures = new Dictionary<ImageKey, (Tensor Latents, Tensor Pictures)>();
        foreach (var (batch, latents, decoded) in made)
        {
            foreach (var (row, key) in batch.Keys.Index()) pictures[key] = (latents.narrow(0, row, 1), decoded!.narrow(0, row, 1));
        }

        var found = _search.Found(_facts!);
        using var noGrad = no_grad();
        var cells = found.Select(cell => pictures.TryGetValue(cell.Key, out var full) ? full : (Latents: _facts![cell.Key], Pictures: _models.Decode(_facts[cell.Key]))).ToList();
        return
        [
            new("latents", cat([.. cells.Select(cell => cell.Latents)])),
            new("pictures", cat([.. cells.Select(cell => cell.Pictures)])),
            new(SampleCells.Name, SampleCells.ToTensor(found, _settings)),
        ];
    }

    public void Dispose()
    {
        _phases.Dispose();
        _facts?.Dispose();
        foreach (var (_, latents, pictures) in _done)
        {
            latents.Dispose();
            pictures?.Dispose();
        }

        DisposeBatch();
    }

    private int StepsOf(SampleBatch batch)
    {
        if (batch.Kind == SampleKind.Alignment) return StrengthSearch.Looks;
        var pass = PassOf(batch.Kind);
        return pass.Steps - pass.First(batch.Keys) + (batch.Kind == SampleKind.Picture ? _superResolution?.Steps ?? 0 : 0);
    }

    // The one that a batch begins with.
    private BasePass PassOf(SampleKind kind) => kind switch
    {
        SampleKind.Draft => _draft!,
        SampleKind.Inversion => _inversion!,
        _ => _base,
    };

    private void Denoise(SampleKind kind, ImageKey[] keys, int index)
    {
        SamplePass pass = PassOf(kind);
        if (index == pass.Steps && _small is null)
        {
            _small = Take();
            DisposeSampler();
        }

        if (_small is not null) (pass, index) = (_superResolution!, index - _base.Steps);
        _sampler ??= pass.CreateSampler(keys, _small);
        var x = _sampler.Step(_x ?? pass.Start(keys), pass.First(keys) + index);
        DisposeSample();
        _x = new(x.Sample.DetachFromDisposeScope(), [.. x.History.Select(tensor => tensor.DetachFromDisposeScope())]);
    }

    private void Look(ImageKey[] keys, int look)
    {
        var alignment = new Alignment(_weights.With(0), _models.Schedule, _inputs.Conditions, _settings.Seed);
        var samples = cat([_inputs.Conditions.Latents, .. keys.Select(key => _facts![key])]);
        _gains.Add(alignment.Gain(samples, look).DetachFromDisposeScope());
    }

    private void Complete(SampleKind kind, ImageKey[] keys)
    {
        var batch = new SampleBatch(kind, keys);
        if (kind == SampleKind.Alignment)
        {
            Add(batch, stack([.. _gains]).DetachFromDisposeScope(), null);
            return;
        }

        var sample = Take();
        var pictures = kind == SampleKind.Picture ? _models.Decode(sample).DetachFromDisposeScope() : null;
        Add(batch, _small is null ? sample : _small.alias().DetachFromDisposeScope(), pictures);
        if (!ReferenceEquals(sample, _done[^1].Latents)) sample.Dispose();
    }

    // What is kept of a batch: latents, or of a look the gains.
    private void Add(SampleBatch batch, Tensor latents, Tensor? pictures)
    {
        _done.Add((batch, latents.DetachFromDisposeScope(), pictures));
        if (batch.Kind == SampleKind.Draft) _facts!.AddDrafts(batch.Keys, latents);
        else if (batch.Kind == SampleKind.Alignment) _facts!.AddGains(batch.Keys, latents);
        DisposeBatch();
        Next();
    }

    private void Next()
    {
        _startedAt = Step;
        while (_batches.Count == 0 && _phases.MoveNext())
        {
            foreach (var batch in _phases.Current.ToList()) _batches.Enqueue(batch);
        }

        _batch = _batches.TryDequeue(out var next) ? next : null;
    }

    /// <summary>A copy of the newest sample, checked.</summary>
    private Tensor Take()
    {
        var sample = _x!.Value.Sample;
        if (sample.isfinite().all().cpu().bytes[0] == 0)
            throw new EditException("Sampling gave values that are no numbers. Look at the model's scheduler (prediction type, timestep spacing) and precision, or take fewer or slower training steps.");
        var copy = sample.clone().DetachFromDisposeScope();
        DisposeSample();
        return copy;
    }

    private void DisposeBatch()
    {
        DisposeSample();
        DisposeSampler();
        foreach (var gain in _gains) gain.Dispose();
        _gains.Clear();
        _small?.Dispose();
        _small = null;
    }

    private void DisposeSampler()
    {
        _sampler?.Dispose();
        _sampler = null;
    }

    private void DisposeSample()
    {
        if (_x is not { } x) return;
        x.Sample.Dispose();
        foreach (var tensor in x.History) tensor.Dispose();
        _x = null;
    }
}
