using Imagic.Diffusion.Schedulers;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Descent;
using static TorchSharp.torch;

namespace Imagic.Editing.Sample;

/// <summary>
/// Stage 3: e = η·e_tgt + (1−η)·e_opt sampled with θ = θ_base + s·(θ_tuned − θ_base), for every seed, η and s of the
/// plan (paper section 3.2, "text embedding interpolation"). A step is one denoising step of one batch.
/// </summary>
public sealed class SampleStage : IStage
{
    private readonly LoadedModels _models;
    private readonly SampleInputs _inputs;
    private readonly SamplingSettings _settings;
    private readonly IReadOnlyList<ImageKey[]> _batches;
    private readonly IScheduler _scheduler;
    private readonly List<Tensor> _latents = [];
    private readonly List<Tensor> _pictures = [];
    private GuidedDenoiser? _denoiser;
    private Tensor? _sample;
    private IReadOnlyList<Tensor> _history = [];
    private double? _blend;

    /// <summary>Starts with the first batch of the plan.</summary>
    public SampleStage(LoadedModels models, SampleInputs inputs, EditSettings settings)
    {
        _models = models;
        _inputs = inputs;
        _settings = settings.Sample;
        _batches = SamplePlan.Batches(settings);
        _scheduler = models.CreateScheduler(_settings.Scheduler, _settings.Steps);
        Keys = [.. _batches.SelectMany(batch => batch)];
    }

    /// <summary>The pictures in the order of the result.</summary>
    public IReadOnlyList<ImageKey> Keys { get; }

    /// <inheritdoc/>
    public EditStage Stage => EditStage.Sample;

    /// <inheritdoc/>
    public int Step { get; private set; }

    /// <inheritdoc/>
    public int Steps => _batches.Count * StepsPerBatch;

    /// <inheritdoc/>
    public bool IsDone => Step >= Steps;

    private int StepsPerBatch => _scheduler.Timesteps.Count;

    /// <inheritdoc/>
    public EditEvent Advance()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (batch, index) = Math.DivRem(Step, StepsPerBatch);
        var keys = _batches[batch];
        ApplyBlend(keys[0].Strength.Blend);
        _sample ??= StartingNoise(keys).DetachFromDisposeScope();
        _denoiser ??= new(_models.UNet, _scheduler, Interpolate(keys), _inputs.Conditions.Negative, _settings.Guidance);
        var step = _denoiser.Step(index, _sample, _history);
        Replace(step.Sample, step.History);
        Step++;
        return new EditEvent.Denoised(Step, Steps, index + 1 == StepsPerBatch ? Complete(keys) : []);
    }

    /// <inheritdoc/>
    public IReadOnlyList<NamedTensor> State() =>
    [
        .. _sample is null ? [] : new[] { new NamedTensor("sample", _sample) },
        new("history", _history.Count == 0 ? empty(0) : stack([.. _history])),
        .. _latents.Select((tensor, i) => new NamedTensor($"latents.{i}", tensor)),
        .. _pictures.Select((tensor, i) => new NamedTensor($"pictures.{i}", tensor)),
    ];

    /// <inheritdoc/>
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
        _sample = saved.Read("sample", _models.Device);
        using var history = saved.Read("history", _models.Device);
        if (history.numel() > 0) _history = [.. history.unbind(0).Select(tensor => tensor.clone().DetachFromDisposeScope())];
    }

    /// <summary>Scaled latents (N, C, h, w) and bytes (N, H, W, 3) of all pictures, in the order of <see cref="Keys"/>.</summary>
    public IReadOnlyList<NamedTensor> Result() => [new("latents", cat([.. _latents])), new("pictures", cat([.. _pictures]))];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _latents.Concat(_pictures).Concat(_history)) tensor.Dispose();
        _sample?.Dispose();
        _denoiser?.Dispose();
    }

    private List<(ImageKey Key, RgbImage Picture)> Complete(ImageKey[] keys)
    {
        _latents.Add(_sample!);
        (_sample, var last) = (null, _history);
        _history = [];
        foreach (var tensor in last) tensor.Dispose();
        _denoiser?.Dispose();
        _denoiser = null;
        var bytes = _models.Decode(_latents[^1]).DetachFromDisposeScope();
        _pictures.Add(bytes);
        return [.. keys.Select((key, i) => (key, ImageTensors.ToImage(bytes, i)))];
    }

    // The base weights are read again from the package: cheaper than a second copy that is held all the time.
    private void ApplyBlend(double blend)
    {
        if (_blend == blend) return;
        var flat = _models.UNet.Parameters.Flat;
        if (blend != 1)
        {
            _models.ResetUNet();
            flat.mul_(1 - blend).add_(_inputs.Tuned, alpha: blend);
        }
        else
        {
            flat.copy_(_inputs.Tuned);
        }

        _blend = blend;
    }

    private Tensor StartingNoise(ImageKey[] keys)
    {
        var shape = _inputs.Conditions.Latents.shape;
        return cat([.. keys.Select(key => StepRandom.Noise(key.Seed, "sample", 0, shape, _models.Device))]) * _scheduler.InitNoiseSigma;
    }

    private Tensor Interpolate(ImageKey[] keys) => Interpolation.Of(
        _inputs.Conditions.Target, _inputs.Optimized, [.. keys.Select(key => key.Strength.Eta)]);

    private void Replace(Tensor sample, IReadOnlyList<Tensor> history)
    {
        foreach (var tensor in _history) tensor.Dispose();
        _sample?.Dispose();
        _sample = sample.DetachFromDisposeScope();
        _history = [.. history.Select(tensor => tensor.DetachFromDisposeScope())];
    }
}
