using Imagic.Diffusion.Clip;
using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using Imagic.Diffusion.Weights;
using Imagic.Lab.Train.Optimizer;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Denoiser;

/// <summary>Trains UNet and text encoder together to predict what the scheduler's prediction type asks for.</summary>
public sealed class DenoiserTrainer : NetworkTrainer
{
    private const double CaptionDropout = 0.1;

    private readonly UNet2DConditionModel _unet;
    private readonly ClipTextModel _textEncoder;
    private readonly NetworkOptimizer _unetOptimizer, _textOptimizer;
    private readonly NoiseSchedule _schedule;
    private readonly Tensor _weights;
    private readonly LatentSet _latents;
    private readonly ScalarType _dtype;

    /// <param name="latents">What it learns from; disposed with it.</param>
    public DenoiserTrainer(
        UNet2DConditionConfig unet, ClipTextConfig text, SchedulerConfig scheduler, OptimizerConfig config, LatentSet latents, ScalarType dtype,
        long seed)
        : base(TrainingRun.DenoiserName, config, seed, latents?.Device ?? throw new ArgumentNullException(nameof(latents)))
    {
        (_latents, _dtype) = (latents, dtype);
        _unet = new(unet, new ParameterSet(dtype, latents.Device));
        _unet.Parameters.Bind(new RandomSource(seed));
        _textEncoder = new(text, new ParameterSet(dtype, latents.Device));
        _textEncoder.Parameters.Bind(new RandomSource(seed + 1));
        _unetOptimizer = new("unet", _unet.Parameters, config);
        _textOptimizer = new("text_encoder", _textEncoder.Parameters, config);
        _schedule = new(scheduler, latents.Device);
        _weights = MinSnr.Weights(_schedule).to(latents.Device).DetachFromDisposeScope();
    }

    public UNet2DConditionModel UNet => _unet;

    public ClipTextModel TextEncoder => _textEncoder;

    protected override IReadOnlyList<NetworkOptimizer> Optimizers => [_unetOptimizer, _textOptimizer];

    protected override Tensor Loss(Generator generator)
    {
        var (x0, ids) = _latents.Next(Config.Batch, CaptionDropout, generator);
        var timesteps = randint(_schedule.AlphasCumprod.Count, [Config.Batch], device: _latents.Device, generator: generator);
        var noise = randn(x0.shape, dtype: ScalarType.Float32, device: _latents.Device, generator: generator);
        var noisy = _schedule.AddNoise(x0, noise, timesteps);
        var output = _unet.Forward(noisy.to(_dtype), timesteps, new TextEmbedding(_textEncoder.Forward(ids))).to(ScalarType.Float32);
        var error = (output - _schedule.Target(x0, noise, timesteps)).pow(Held(2)).mean([1, 2, 3]);
        return (error * _weights.index_select(0, timesteps)).mean();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _unet.Dispose();
        _textEncoder.Dispose();
        _schedule.Dispose();
        _latents.Dispose();
        _weights.Dispose();
    }
}

/// <summary>Loss weights that keep the easy, nearly clean timesteps from ruling (Hang et al., arXiv 2303.09556).</summary>
internal static class MinSnr
{
    private const double Gamma = 5;

    /// <summary>min(SNR, γ) as a weight of x₀'s error, turned into one of the prediction's, for each timestep; float32 (T).</summary>
    public static Tensor Weights(NoiseSchedule schedule) =>
        tensor(schedule.AlphasCumprod.Select(alpha => Weight(alpha, schedule.PredictionType)).ToArray(), dtype: ScalarType.Float32);

    private static float Weight(double alphaCumprod, PredictionType prediction)
    {
        var snr = alphaCumprod / (1 - alphaCumprod);
        return (float)(Math.Min(snr, Gamma) / (prediction == PredictionType.Epsilon ? snr : snr + 1));
    }
}
