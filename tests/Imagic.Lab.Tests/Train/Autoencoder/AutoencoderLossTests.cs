using Imagic.Lab.Train.Autoencoder;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Lab.Tests.Train.Autoencoder;

public sealed class AutoencoderLossTests
{
    [Fact]
    public void Compute_AddsErrorsEdgesAndDivergence()
    {
        using var scope = NewDisposeScope();
        var pictures = zeros([1, 1, 2, 2]);
        var decoded = tensor([0.5f, -0.5f, 0.5f, 0.5f], [1, 1, 2, 2]);
        var mean = full([1, 1, 1, 1], Held(2), dtype: ScalarType.Float32);
        var logVariance = full([1, 1, 1, 1], Held(Math.Log(0.5)), dtype: ScalarType.Float32);

        var loss = AutoencoderLoss.Compute(pictures, decoded, mean, logVariance).item<float>();

        // |e| = 0.5, e² = 0.25; neighbours differ by 1 and 0 down, 1 and 0 across: 0.5·(0.5 + 0.5);
        // divergence 0.5·(4 + 0.5 − 1 + ln 2).
        Assert.Equal(0.5 + 0.25 + 0.5 + 1e-3 * 0.5 * (3.5 + Math.Log(2)), loss, 1e-6);
    }
}
