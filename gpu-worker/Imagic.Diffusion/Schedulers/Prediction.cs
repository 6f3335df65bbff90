using static TorchSharp.torch;

namespace Imagic.Diffusion.Schedulers;

/// <summary>
/// What a model's output says about x = α·x₀ + σ·ε with α² + σ² = 1. All tensors (B, C, H, W).
/// </summary>
internal static class Prediction
{
    /// <summary>The clean sample x₀.</summary>
    public static Tensor Denoised(this PredictionType type, Tensor output, Tensor x, double alpha, double sigma) =>
        type == PredictionType.Epsilon ? (x - output * sigma) / alpha : x * alpha - output * sigma;

    /// <summary>The noise ε.</summary>
    public static Tensor Noise(this PredictionType type, Tensor output, Tensor x, double alpha, double sigma) =>
        type == PredictionType.Epsilon ? output.alias() : output * alpha + x * sigma;
}
