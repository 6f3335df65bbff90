using Imagic.Diffusion.Schedulers;
using Imagic.Diffusion.UNet;
using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Editing.Descent;

/// <summary>The diffusion loss of one picture, which both optimizations descend (paper equations 2 and 3).</summary>
/// <param name="unet">The denoiser.</param>
/// <param name="schedule">The noise that it was trained with.</param>
/// <param name="latents">The source as the UNet denoises it, (1, C, h, w).</param>
/// <param name="timeIds">What an XL model is told of the picture's size.</param>
public sealed class DenoisingLoss(UNet2DConditionModel unet, NoiseSchedule schedule, Tensor latents, Tensor? timeIds = null)
{
    /// <summary>Whether each layer is computed again on the way back, so that its activations need not be kept.</summary>
    public bool Recomputes { get; init; }

    /// <summary>The small picture that super-resolution starts from; null for other UNets.</summary>
    public LowResolution? LowResolution { get; init; }

    /// <summary>
    /// ‖f(x_t, t, e) − target‖² averaged over all elements; the target follows the model's prediction type.
    /// </summary>
    /// <param name="embedding">States (1, T, d); shared by the whole batch.</param>
    /// <param name="draw">Noise (B, C, h, w) and timesteps (B).</param>
    /// <param name="recomputation">Keeps little for the way back; null keeps everything.</param>
    /// <returns>float32 scalar.</returns>
    public Tensor Compute(TextEmbedding embedding, StepDraw draw, Recomputation? recomputation = null)
    {
        var x0 = Repeated(draw);
        var target = schedule.Target(x0, draw.Noise, draw.Timesteps);
        return nn.functional.mse_loss(Predict(embedding, Noisy(x0, draw), draw, recomputation), target);
    }

    /// <summary>Computes a share of the loss and adds its gradient to that of all that collects one.</summary>
    /// <returns>The share, float32.</returns>
    public Tensor Backward(TextEmbedding embedding, StepDraw draw, Scalar share)
    {
        using var recomputation = Recomputes ? new Recomputation() : null;
        var value = Compute(embedding, draw, recomputation).mul(share);
        value.backward();
        recomputation?.Backward();
        return value.detach();
    }

    /// <summary>Shape of the source latent, (1, C, h, w).</summary>
    public long[] LatentShape => latents.shape;

    /// <summary>The model's estimate of x_0 after one look at x_t, (B, C, h, w).</summary>
    public Tensor PredictSource(TextEmbedding embedding, StepDraw draw)
    {
        var noisy = Noisy(Repeated(draw), draw);
        return schedule.PredictOriginal(Predict(embedding, noisy, draw), noisy, draw.Timesteps);
    }

    private Tensor Repeated(StepDraw draw) => latents.expand([draw.Noise.shape[0], .. latents.shape[1..]]);

    private Tensor Noisy(Tensor x0, StepDraw draw) => schedule.AddNoise(x0, draw.Noise, draw.Timesteps);

    private Tensor Predict(TextEmbedding embedding, Tensor noisy, StepDraw draw, Recomputation? recomputation = null)
    {
        var dtype = unet.Parameters.Dtype;
        var input = noisy;
        if (LowResolution is not null && draw.Augmentation is var (noise, levels))
            input = cat([noisy, LowResolution.Noised(noise, levels)], dim: 1);
        var output = unet.Forward(
            input.to(dtype), draw.Timesteps, embedding.Map(part => part.to(dtype)), timeIds, draw.Augmentation?.Levels, recomputation);
        // What a model says of the variance, in the second half of its channels, has no loss.
        return output.narrow(1, 0, noisy.shape[1]).to(ScalarType.Float32);
    }
}
