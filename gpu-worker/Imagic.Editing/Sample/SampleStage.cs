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
/// <param name="TunedSuperResolution">The same of a cascade's super-resolution.</param>
public sealed record SampleInputs(Conditions Conditions, TextEmbedding Optimized, Tensor Tuned, Tensor? TunedSuperResolution = null);

/// <summary>
/// The last stage: e = η·e_tgt + (1−η)·e_opt sampled with θ = θ_base + s·(θ_tuned − θ_base), for every seed, η and s of
/// the plan (paper section 3.2, "text embedding interpolation"). A step is one denoising step of one batch; a cascade's
/// batch is denoised twice, small and then large.
/// </summary>
public sealed class SampleStage : IStage
{
    private readonly LoadedModels _models;
    private readonly IReadOnlyList<ImageKey[]> _batches;
    private readonly SamplePass _base;
    private readonly SamplePass? _superResolution;
    private readonly List<Tensor> _latents = [];
    private readonly List<Tensor> _pictures = [];
    private Sampler? _sampler;
    private SchedulerStep? _x;

    /// <summary>Starts with the first batch of the plan.</summary>
    public SampleStage(LoadedModels models, SampleInputs inputs, EditSettings settings)
    {
        _models = models;
        _batches = SamplePlan.Batches(settings);
        _base = new BasePass(models, inputs, settings);
        _superResolution = models.IsCascade ? new SuperResolutionPass(models, inputs, settings) : null;
    }

    public int Step { get; private set; }

    public int Steps => _batches.Count * StepsPerBatch;

    public bool IsDone => Step >= Steps;

    private int StepsPerBatch => _base.Steps + (_superResolution?.Steps ?? 0);

    public float? Advance()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (batch, index) = Math.DivRem(Step, StepsPerBatch);
        var keys = _batches[batch];
        var isSmall = index < _base.Steps;
        var pass = isSmall ? _base : _superResolution!;
        if (!isSmall) index -= _base.Steps;
        pass.Apply(keys[0].Strength.Blend);
        _sampler ??= pass.CreateSampler(keys, isSmall ? null : _latents[batch]);
        var x = _sampler.Step(_x ?? pass.Start(keys), index);
        DisposeSample();
        _x = new(x.Sample.DetachFromDisposeScope(), [.. x.History.Select(tensor => tensor.DetachFromDisposeScope())]);
        Step++;
        if (index + 1 == pass.Steps) Complete(isSmall, isLast: pass == (_superResolution ?? _base));
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
        for (var i = 0; saved.Has($"latents.{i}"); i++) _latents.Add(saved.Read($"latents.{i}", _models.Device));
        for (var i = 0; saved.Has($"pictures.{i}"); i++) _pictures.Add(saved.Read($"pictures.{i}", CPU));
        if (!saved.Has("sample")) return;
        using var history = saved.Read("history", _models.Device);
        Tensor[] tensors = history.numel() > 0 ? history.unbind(0) : [];
        _x = new(saved.Read("sample", _models.Device), [.. tensors.Select(tensor => tensor.clone().DetachFromDisposeScope())]);
    }

    /// <summary>What the base made, (N, C, h, w), and bytes (N, H, W, 3) of all pictures, in the order of the plan.</summary>
    public IReadOnlyList<NamedTensor> Result() => [new("latents", cat([.. _latents])), new("pictures", cat([.. _pictures]))];

    public void Dispose()
    {
        foreach (var tensor in _latents.Concat(_pictures)) tensor.Dispose();
        DisposeSample();
        _sampler?.Dispose();
    }

    private void Complete(bool isSmall, bool isLast)
    {
        var sample = _x!.Value.Sample;
        if (sample.isfinite().all().cpu().bytes[0] == 0)
            throw new EditException("Sampling gave values that are no numbers. Look at the model's scheduler (prediction type, timestep spacing) and precision, or take fewer or slower training steps.");
        if (isSmall) _latents.Add(sample.clone().DetachFromDisposeScope());
        if (isLast) _pictures.Add(_models.Decode(sample).DetachFromDisposeScope());
        DisposeSample();
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
