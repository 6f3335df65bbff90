using Imagic.Editing.Descent;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing.Tests.Descent;

public class FlatAdamWTests
{
    [Fact]
    public void Step_FollowsKingmaAndBasAlgorithm()
    {
        using var parameters = tensor(new float[] { 1, -2, 0.5f });
        using var adam = new FlatAdamW(parameters);
        double[] expected = [1, -2, 0.5], m = [0, 0, 0], v = [0, 0, 0];

        for (var t = 1; t <= 5; t++)
        {
            var g = new float[] { 0.3f * t, -1f / t, 0 };
            using var gradient = tensor(g);
            adam.Step(gradient, t, 0.1);
            for (var i = 0; i < 3; i++)
            {
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
                expected[i] -= 0.1 * (m[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
            }
        }

        var actual = parameters.data<float>().ToArray();
        for (var i = 0; i < 3; i++) Assert.Equal(expected[i], actual[i], 1e-6);
    }

    [Fact]
    public void Step_OnABufferOfManyPieces_IsTheSameAsOnEachElementAlone()
    {
        const int Count = (1 << 19) + 3;
        using var parameters = ones(Count);
        using var gradient = full([Count], Held(0.25));
        using var adam = new FlatAdamW(parameters);

        adam.Step(gradient, 1, 0.01);

        var values = parameters.data<float>().ToArray();
        Assert.All([values[0], values[1 << 18], values[^1]], value => Assert.Equal(values[1], value));
        Assert.Equal(0.99, values[0], 1e-6);
    }

    [Fact]
    public void Step_InHalfPrecision_KeepsUpdatesThatAreTooSmallForIt()
    {
        using var parameters = ones(4, dtype: ScalarType.BFloat16);
        using var gradient = ones(4, dtype: ScalarType.BFloat16);
        using var adam = new FlatAdamW(parameters);

        // One update of 1e-4 vanishes next to 1 in bfloat16 (spacing 2^-8 below 1); a hundred do not.
        for (var t = 1; t <= 100; t++) adam.Step(gradient, t, 1e-4);

        using var wide = parameters.to(ScalarType.Float32);
        Assert.Equal(0.99, wide.data<float>().ToArray()[0], 4e-3);
        Assert.Equal(0.99, adam.Master.data<float>().ToArray()[0], 1e-5);
    }
}
