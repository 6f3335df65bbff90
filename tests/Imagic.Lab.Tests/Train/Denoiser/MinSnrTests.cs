using Imagic.Diffusion.Schedulers;
using Imagic.Lab.Train.Denoiser;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Train.Denoiser;

public sealed class MinSnrTests
{
    [Theory]
    [InlineData("epsilon", new float[] { 5 / 9f, 1, 1 })] // SNR 9, 1 and 1/9: weights min(SNR, 5)/SNR
    [InlineData("v_prediction", new float[] { 0.5f, 0.5f, 0.1f })] // min(SNR, 5)/(SNR + 1)
    public void Weights_AreTheMinOfSnrAndFive_InTermsOfThePrediction(string prediction, float[] expected)
    {
        // ᾱ = 0.9, 0.5, 0.1
        var json = $$"""{"trained_betas": [0.1, 0.444444444, 0.8], "num_train_timesteps": 3, "prediction_type": "{{prediction}}"}""";
        using var schedule = new NoiseSchedule(SchedulerConfig.Parse("test", json), CPU);
        using var weights = MinSnr.Weights(schedule);

        Assert.All(expected.Zip(weights.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }
}
