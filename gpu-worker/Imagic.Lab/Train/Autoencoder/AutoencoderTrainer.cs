using Imagic.Diffusion.Vae;
using Imagic.Diffusion.Weights;
using Imagic.Lab.DataSet;
using Imagic.Lab.Train.Optimizer;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Autoencoder;

/// <summary>Trains the autoencoder on drawings in front of any colour.</summary>
public sealed class AutoencoderTrainer : NetworkTrainer
{
    private readonly AutoencoderKL _vae;
    private readonly DeviceDrawings _drawings;
    private readonly NetworkOptimizer _optimizer;
    private readonly ScalarType _dtype;

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
        var decoded = _vae.Decode(mean.add((logVariance * Held(0.5)).exp() * noise, One)).to(ScalarType.Float32);
        return AutoencoderLoss.Compute(pictures, decoded, mean.to(ScalarType.Float32), logVariance.to(ScalarType.Float32));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _vae.Dispose();
    }
}

/// <summary>What a reconstruction costs: |x−y| and (x−y)², the same for the differences of neighbouring pixels, which keeps
/// edges sharp, and a little of the divergence of the latents from a unit normal distribution.</summary>
internal static class AutoencoderLoss
{
    private const double EdgeWeight = 0.5, DivergenceWeight = 1e-3;

    /// <param name="pictures">(B, 3, H, W) in [−1, 1].</param>
    /// <param name="decoded">Same shape.</param>
    /// <param name="mean">Of the latents, (B, C, h, w).</param>
    /// <param name="logVariance">Of the latents, same shape.</param>
    /// <returns>float32 scalar.</returns>
    public static Tensor Compute(Tensor pictures, Tensor decoded, Tensor mean, Tensor logVariance)
    {
        using var scope = NewDisposeScope();
        var error = decoded - pictures;
        var divergence = (mean.pow(Held(2)).add(logVariance.exp(), One) - One - logVariance).mean() * Held(0.5);
        var edges = Difference(error, 2).abs().mean().add(Difference(error, 3).abs().mean(), One);
        var loss = error.abs().mean().add(error.pow(Held(2)).mean(), One)
            .add(edges * Held(EdgeWeight), One)
            .add(divergence * Held(DivergenceWeight), One);
        return loss.MoveToOuterDisposeScope();
    }

    private static Tensor Difference(Tensor x, int dim) => x.narrow(dim, 1, x.shape[dim] - 1) - x.narrow(dim, 0, x.shape[dim] - 1);
}
