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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Moments_InEightBits_AreWithinOneLevel_AndRightOnAverage(bool isSigned)
    {
        using var scope = NewDisposeScope();
        const int Count = (4 * ByteState.Block) + 7; // the last block is not full
        using var generator = new Generator(3);
        var values = randn(Count, dtype: ScalarType.Float32, generator: generator).mul(Held(6)).sub(Held(8)).exp(); // over 10 orders
        if (isSigned) values = values.mul(randn(Count, dtype: ScalarType.Float32, generator: generator).sign());
        using var state = new ByteState(Count, isSigned, CPU, CPU);
        var sum = zeros_like(values);
        const int Steps = 400;

        for (var step = 1; step <= Steps; step++)
        {
            state.Put(0, values, step);
            var kept = state.Take(0, Count);
            sum.add_(kept, One);
            Assert.Equal(0, Outside(kept, ByteState.Ratio(isSigned) - 1));
        }

        Assert.InRange(Outside(sum.div(Held(Steps)), 2.0 * (ByteState.Ratio(isSigned) - 1) / Steps * 10), 0, Count / 50);

        // Numbers whose error is more than a share of their own size, or below the smallest level than that level.
        int Outside(Tensor kept, double share)
        {
            var floor = Blockwise(values.abs()).mul(Held(isSigned ? 1.0e-5 : 1.0e-10));
            var allowed = maximum(values.abs().mul(Held(share * 1.0001)), floor);
            return (int)(kept - values).abs().gt(allowed).sum().item<long>();
        }

        static Tensor Blockwise(Tensor magnitudes)
        {
            var padded = nn.functional.pad(magnitudes, [0, ByteState.Block - (Count % ByteState.Block)]).view(-1, ByteState.Block);
            return padded.amax([1], keepdim: true).expand(padded.shape).reshape(-1).narrow(0, 0, Count);
        }
    }

    [Fact]
    public void Step_InEightBits_KeepsUpWithFloat32()
    {
        using var scope = NewDisposeScope();
        const int Count = 1000, Steps = 400;
        Tensor Train(Optimizer moments)
        {
            using var generator = new Generator(8);
            var parameters = zeros(Count);
            using var adam = new FlatAdamW(parameters, moments: moments);
            for (var step = 1; step <= Steps; step++)
            {
                using var inner = NewDisposeScope();
                // Towards 1 through noise as large as the gradient, and 100 times smaller for every second number.
                var gradient = (parameters - Held(1)).add(randn(Count, dtype: ScalarType.Float32, generator: generator), One);
                var scale = arange(Held(0), Held(Count), One, dtype: ScalarType.Float32).remainder(Held(2)).mul(Held(0.99)).add(Held(0.01), One);
                adam.Step(gradient * scale, step, 2e-3);
            }

            return parameters;
        }

        var (exact, small) = (Train(Optimizer.AdamW), Train(Optimizer.AdamW8Bit));

        Assert.InRange(exact.mean().item<float>(), 0.3, 0.9); // on its way, so that a wrong rate would show
        Assert.InRange((small.mean() / exact.mean()).item<float>(), 0.97, 1.03);
        Assert.InRange(((small - exact).norm() / exact.norm()).item<float>(), 0, 0.06);
    }

    [Fact]
    public void Step_Offloaded_GivesTheSameBits()
    {
        Assert.Equal(Train(offload: false), Train(offload: true));

        static byte[] Train(bool offload)
        {
            using var parameters = ones(3000, dtype: ScalarType.BFloat16);
            using var generator = new Generator(5);
            using var adam = new FlatAdamW(parameters, offload: offload);
            for (var step = 1; step <= 5; step++)
            {
                using var gradient = randn(3000, dtype: ScalarType.Float32, generator: generator);
                adam.Step(gradient, step, 1e-2);
            }

            return [.. parameters.bytes.ToArray(), .. adam.Master.bytes.ToArray()];
        }
    }
}
