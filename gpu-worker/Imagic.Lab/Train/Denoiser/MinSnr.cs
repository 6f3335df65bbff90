using Imagic.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Imagic.Lab.Train.Denoiser;

/// <summary>Loss weights that keep the easy, nearly clean timesteps from ruling (Hang et al., arXiv 2303.09556).</summary>
static class MinSnr
{
    const double Gamma = 5;

    /// <summary>min(SNR, γ) as a weight of x₀'s error, turned into one of the prediction's, for each timestep; float32 (T).</summary>
    public static Tensor Weights(NoiseSchedule schedule) =>
        tensor(schedule.AlphasCumprod.Select(alpha => Weight(alpha, schedule.PredictionType)).ToArray(), dtype: ScalarType.Float32);

    static float Weight(double alphaCumprod, PredictionType prediction)
    {
        var snr = alphaCumprod / (1 - alphaCumprod);
        return (float)(Math.Min(snr, Gamma) / (prediction == PredictionType.Epsilon ? snr : snr + 1));
    }
}
