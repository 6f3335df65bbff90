using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using Imagic.Lab.DataSet;
using Imagic.Lab.Train.Optimizer;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Autoencoder;

/// <summary>Trains the autoencoder on drawings in front of any colour.</summary>
public sealed class AutoencoderTrainer : NetworkTrainer
{
    readonly AutoencoderKL _vae;
    readonly DeviceDrawings _drawings;
    readonly NetworkOptimizer _optimizer;
    readonly ScalarType _dtype;

    public AutoencoderTrainer(AutoencoderKLConfig model, OptimizerConfig config, DeviceDrawings drawings, ScalarType dtype, long seed)
        : base(TrainingRun.AutoencoderName, config, seed, drawings?.Device ?? throw new ArgumentNullException(nameof(drawings)))
    {
        (_drawings, _dtype) = (drawings, dtype);
        _vae = new(model, new ParameterSet(dtype, drawings.Device));
        _vae.Parameters.Bind(new RandomSource(seed));
        _optimizer = new("vae", _vae.Parameters, config);
    }

    protected override IReadOnlyList<NetworkOptimizer> Optimizers => [_optimizer];

    protected override Tensor Loss(Generator generator)
    {
        var (_, pictures) = ImageDraw.Next(_drawings, Config.Batch, generator);
        var (mean, logVariance) = _vae.Encode(pictures.to(_dtype));
        var noise = randn(mean.shape, dtype: _dtype, device: _drawings.Device, generator: generator);
        var decoded = _vae.Decode(mean + (logVariance * 0.5).exp() * noise).to(ScalarType.Float32);
        return AutoencoderLoss.Compute(pictures, decoded, mean.to(ScalarType.Float32), logVariance.to(ScalarType.Float32));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _vae.Dispose();
    }
}
