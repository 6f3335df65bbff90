using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Descent;
using Imagic.Editing.Stages;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>What sampling starts from.</summary>
/// <param name="Conditions">Source latent and texts.</param>
/// <param name="Optimized">e_opt, states (1, T, d).</param>
/// <param name="Tuned">What stage 2 moved as one flat float32 buffer, in host memory.</param>
public sealed record SampleInputs(Conditions Conditions, TextEmbedding Optimized, Tensor Tuned);

/// <summary>
/// Stage 3: e = η·e_tgt + (1−η)·e_opt sampled with θ = θ_base + s·(θ_tuned − θ_base), for every seed, η and s of the
/// plan (paper section 3.2, "text embedding interpolation"). A step is one denoising step of one batch.
/// </summary>
public sealed class SampleStage : IStage
{
    private readonly LoadedModels _models;
    private readonly SampleInputs _inputs;
    private readonly SamplingSettings _settings;
    private readonly FineTuneSettings _fineTune;
    private readonly IReadOnlyList<ImageKey[]> _batches;
    private readonly IScheduler _scheduler;
    private readonly List<Tensor> _latents = [];
    private readonly List<Tensor> _pictures = [];
    private Sampler? _sampler;
    private SchedulerStep? _x;
    private double? _blend;

    /// <summary>Starts with the first batch of the plan.</summary>
    public SampleStage(LoadedModels models, SampleInputs inputs, EditSettings settings)
    {
        _models = models;
        _inputs = inputs;
        (_settings, _fineTune) = (settings.Sample, settings.FineTune);
        _batches = SamplePlan.Batches(settings);
        _scheduler = models.CreateScheduler(_settings.Scheduler, _settings.Steps);
    }

    public int Step { get; private set; }

    public int Steps => _batches.Count * StepsPerBatch;

    public bool IsDone => Step >= Steps;

    private int StepsPerBatch => _scheduler.Timesteps.Count;

    public float? Advance()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (batch, index) = Math.DivRem(Step, StepsPerBatch);
        var keys = _batches[batch];
        ApplyBlend(keys[0].Strength.Blend);
        _sampler ??= new(_models.UNet, _scheduler, Interpolate(keys), _inputs.Conditions.Negative, _settings.Guidance, _inputs.Conditions.TimeIds);
        var before = _x ?? Sampler.Start(_scheduler, StartingNoise(keys));
        var x = _sampler.Step(before, index);
        DisposeSample();
        _x = new(x.Sample.DetachFromDisposeScope(), [.. x.History.Select(tensor => tensor.DetachFromDisposeScope())]);
        Step++;
        if (index + 1 == StepsPerBatch) Complete();
        return null;
    }

    public IReadOnlyList<NamedTensor> State() =>
    [
        .. _x is { Sample: var sample } ? new[] { new NamedTensor("sample", sample) } : [],
        new("history", _x is { History: { Count: > 0 } history } ? stack([.. history]) : empty(0)),
        .. _latents.Select((tensor, i) => new NamedTensor($"latents.{i}", tensor)),
        .. _pictures.Select((tensor, i) => new NamedTensor($"pictures.{i}", tensor)),
    ];

    public void Restore(Checkpoint saved)
    {
        using var scope = NewDisposeScope();
        Step = saved.Manifest.Step;
        var (batch, index) = Math.DivRem(Step, StepsPerBatch);
        for (var i = 0; i < batch; i++)
        {
            _latents.Add(saved.Read($"latents.{i}", _models.Device));
            _pictures.Add(saved.Read($"pictures.{i}", CPU));
        }

        if (index == 0) return;
        using var history = saved.Read("history", _models.Device);
        Tensor[] tensors = history.numel() > 0 ? history.unbind(0) : [];
        _x = new(saved.Read("sample", _models.Device), [.. tensors.Select(tensor => tensor.clone().DetachFromDisposeScope())]);
    }

    /// <summary>Scaled latents (N, C, h, w) and bytes (N, H, W, 3) of all pictures, in the order of the plan.</summary>
    public IReadOnlyList<NamedTensor> Result() => [new("latents", cat([.. _latents])), new("pictures", cat([.. _pictures]))];

    public void Dispose()
    {
        foreach (var tensor in _latents.Concat(_pictures)) tensor.Dispose();
        DisposeSample();
        _sampler?.Dispose();
    }

    private void Complete()
    {
        var sample = _x!.Value.Sample;
        if (sample.isfinite().all().cpu().bytes[0] == 0)
            throw new EditException("Sampling gave values that are no numbers. Look at the model's scheduler (prediction type, timestep spacing) and precision, or take fewer or slower training steps.");
        _latents.Add(sample.clone().DetachFromDisposeScope());
        DisposeSample();
        _sampler?.Dispose();
        _sampler = null;
        _pictures.Add(_models.Decode(_latents[^1]).DetachFromDisposeScope());
    }

    // The base weights are read again from the package: cheaper than a second copy that is held all the time.
    private void ApplyBlend(double blend)
    {
        if (_blend == blend) return;
        if (blend != 1 || _fineTune.Tuning != Tuning.Full) _models.ResetUNet();
        TunedWeights.Apply(_models.UNet.Parameters, _fineTune, _inputs.Tuned, blend);
        _blend = blend;
    }

    private Tensor StartingNoise(ImageKey[] keys)
    {
        var shape = _inputs.Conditions.Latents.shape;
        return cat([.. keys.Select(key => StepRandom.Noise(key.Seed, "sample", 0, shape, _models.Device))]);
    }

    private TextEmbedding Interpolate(ImageKey[] keys) => SamplePlan.Interpolate(
        _inputs.Conditions.Target, _inputs.Optimized, [.. keys.Select(key => key.Strength.Eta)]);

    private void DisposeSample()
    {
        if (_x is not { } x) return;
        x.Sample.Dispose();
        foreach (var tensor in x.History) tensor.Dispose();
        _x = null;
    }
}
