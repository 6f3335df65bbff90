using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.T5;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using Imagic.Editing;
using Imagic.Editing.Descent;
using Imagic.Editing.Sample;
using TorchSharp;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Bench;

/// <summary>One phase ready to be repeated, by the classes that an edit uses, on random weights and inputs.</summary>
internal sealed class PhaseStep : IDisposable
{
    private const double Guidance = 7.5;
    private const int SamplingSteps = 50;

    private readonly BenchSettings _settings;
    private readonly Stack<IDisposable> _owned = [];
    private readonly Action _step;

    public PhaseStep(BenchPhase phase, BenchSettings settings)
    {
        _settings = settings;
        _owned.Push(NewDisposeScope());
        _step = phase switch
        {
            BenchPhase.Encode => Encode(),
            BenchPhase.Forward => Forward(),
            BenchPhase.Optimize => Optimize(),
            BenchPhase.FineTune => FineTune(),
            BenchPhase.Sample => Sample(),
            BenchPhase.Decode => Decode(),
            _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "is no phase."),
        };
    }

    /// <summary>Computes once and waits for the device.</summary>
    public void Run()
    {
        using (NewDisposeScope()) _step();
        if (_settings.Device.type == DeviceType.CUDA) cuda.synchronize(_settings.Device);
    }

    public void Dispose()
    {
        while (_owned.TryPop(out var owned)) owned.Dispose();
    }

    private Action Encode()
    {
        var vae = Vae();
        var picture = Random(_settings.Batch, vae.Config.InChannels, Height * vae.Factor, Width * vae.Factor);
        return WithoutGradients(() => vae.Encode(picture));
    }

    private Action Decode()
    {
        var vae = Vae();
        var latents = Random(_settings.Batch, vae.Config.LatentChannels, Height, Width);
        return WithoutGradients(() => vae.Decode(latents));
    }

    private Action Forward()
    {
        var unet = UNet();
        var sample = Random(_settings.Batch, unet.Config.InChannels, Height, Width).to(_settings.Dtype);
        var text = Embedding(unet, _settings.Batch).Map(part => part.to(_settings.Dtype));
        var timesteps = full([_settings.Batch], Held(500), dtype: ScalarType.Int64, device: _settings.Device);
        return WithoutGradients(() => unet.Forward(sample, timesteps, text, TimeIds(unet)));
    }

    private Action Optimize()
    {
        var unet = UNet();
        var (loss, draw) = Training(unet);
        var conditions = new Conditions
        {
            Latents = Random(loss.LatentShape).DetachFromDisposeScope(),
            Target = Embedding(unet, 1).Map(part => part.DetachFromDisposeScope()),
            Negative = Embedding(unet, 1).Map(part => part.DetachFromDisposeScope()),
        };
        var stage = Own(new OptimizeStage(conditions, loss, Endless(1e-3), draw));
        return () => stage.Advance();
    }

    private Action FineTune()
    {
        var unet = UNet();
        var (loss, draw) = Training(unet);
        var tuned = TunedWeights.Attach(unet.Parameters, _settings.FineTune, new LowRankStart(seed: 0));
        var stage = Own(new FineTuneStage(tuned, loss, Embedding(unet, 1), _settings.FineTune, draw));
        return () => stage.Advance();
    }

    private Action Sample()
    {
        var unet = UNet();
        var scheduler = new DdimScheduler(Schedule(), SamplingSteps);
        var sample = Random(_settings.Batch, unet.Config.InChannels, Height, Width);
        var sampler = Own(new Sampler(unet, scheduler, Embedding(unet, _settings.Batch), Embedding(unet, 1), Guidance, TimeIds(unet)));
        return WithoutGradients(() => sampler.Step(new(sample, []), 0));
    }

    private (DenoisingLoss Loss, DrawForStep Draw) Training(UNet2DConditionModel unet)
    {
        // Super-resolution reads the small picture, made large, beside what it denoises.
        var isSuper = unet.Config.ClassEmbedType is not null;
        long[] shape = [unet.Config.InChannels / (isSuper ? 2 : 1), Height, Width];
        var config = Schedule();
        var schedule = Own(new NoiseSchedule(config, _settings.Device));
        var loss = new DenoisingLoss(unet, schedule, Random([1, .. shape]), TimeIds(unet))
        {
            Recomputes = _settings.Recompute,
            LowResolution = isSuper ? Own(new LowResolution(Random([1, .. shape]).DetachFromDisposeScope(), schedule)) : null,
        };
        var draw = StepRandom.Training(seed: 0, "bench", _settings.Batch, shape, config.NumTrainTimesteps, _settings.Device);
        return (loss, isSuper ? StepRandom.Augmented(draw, config.NumTrainTimesteps, seed: 0, "bench") : draw);
    }

    private DescentSettings Endless(double learningRate) => new(int.MaxValue, learningRate) { Batch = _settings.Batch };

    private UNet2DConditionModel UNet()
    {
        var config = UNet2DConditionConfig.Read(ConfigFile("unet"));
        var unet = Own(new UNet2DConditionModel(config, new(_settings.Dtype, _settings.Device)));
        unet.Parameters.Bind(new RandomSource(seed: 0));
        return unet;
    }

    private AutoencoderKL Vae()
    {
        var config = AutoencoderKLConfig.Read(ConfigFile("vae"));
        var vae = Own(new AutoencoderKL(config, new(ScalarType.Float32, _settings.Device)));
        vae.Parameters.Bind(new RandomSource(seed: 0));
        return vae;
    }

    private SchedulerConfig Schedule() => SchedulerConfig.Read(Path.Combine(_settings.Config, "scheduler", "scheduler_config.json"));

    private TextEmbedding Embedding(UNet2DConditionModel unet, long batch) => new(
        Random(batch, unet.Config.AddsText ? T5Tokenizer.IFLength : ClipTextConfig.Read(ConfigFile("text_encoder")).MaxPositionEmbeddings, unet.Config.TextDim),
        unet.Config.PooledDim is { } pooled ? Random(batch, pooled) : null);

    private Tensor? TimeIds(UNet2DConditionModel unet) =>
        unet.Config.AddsTextAndTime ? Random(1, UNet2DConditionConfig.TimeIds) : null;

    private int Height => _settings.Latent.Height;

    private int Width => _settings.Latent.Width;

    private string ConfigFile(string part) => Path.Combine(_settings.Config, part, "config.json");

    private Tensor Random(params long[] shape) => randn(shape, dtype: ScalarType.Float32, device: _settings.Device);

    private T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Push(disposable);
        return disposable;
    }

    private static Action WithoutGradients<T>(Func<T> compute) => () =>
    {
        using var noGrad = no_grad();
        compute();
    };
}
