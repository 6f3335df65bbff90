using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Imagic.Torch.Tests;

/// <summary>Our float32 kernels against libtorch in float64, which they do not cover.</summary>
public class LayerKernelTests
{
    /// <summary>B, C, O, H, W, kernel, stride, padding.</summary>
    public static TheoryData<int, int, int, int, int, int, int, int> Convolutions => new()
    {
        { 1, 4, 6, 16, 16, 3, 1, 1 },
        { 3, 5, 7, 8, 5, 3, 1, 1 }, // images for all threads, no square
        { 1, 5, 7, 9, 6, 1, 1, 0 }, // no copy at all
        { 2, 5, 7, 9, 6, 1, 2, 1 },
        { 1, 3, 4, 9, 8, 3, 2, 1 }, // as the UNet's downsamplers
        { 2, 3, 4, 9, 8, 3, 2, 0 }, // as the autoencoder's
        { 1, 3, 4, 1, 1, 3, 1, 1 }, // kernel beyond the image on all sides
        { 1, 2, 3, 4, 7, 5, 1, 4 }, // grows
        { 1, 2, 3, 6, 5, 2, 1, 0 }, // shrinks
        { 2, 3, 2, 4, 4, 5, 1, 2 },
    };

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Conv2d_ForwardAndBackward_IsWhatFloat64Gives(int B, int C, int O, int H, int W, int kernel, int stride, int padding)
    {
        using var scope = NewDisposeScope();
        var inputs = Random([B, C, H, W], [O, C, kernel, kernel], [O]);

        AssertSameAsFloat64(
            inputs, x => conv2d(x[0], x[1], x[2], strides: [stride, stride], padding: [padding, padding]));
        AssertSameAsFloat64(inputs[..2], x => conv2d(x[0], x[1], strides: [stride, stride], padding: [padding, padding]));
    }

    [Theory]
    [InlineData(new long[] { 2, 7, 5 }, 3)]
    [InlineData(new long[] { 1, 5 }, 9)]
    [InlineData(new long[] { 5 }, 2)]
    [InlineData(new long[] { 3, 2, 4, 64 }, 33)]
    public void Linear_ForwardAndBackward_IsWhatFloat64Gives(long[] shape, long outputs)
    {
        using var scope = NewDisposeScope();
        var inputs = Random(shape, [outputs, shape[^1]], [outputs]);

        AssertSameAsFloat64(inputs, x => linear(x[0], x[1], x[2]));
        AssertSameAsFloat64(inputs[..2], x => linear(x[0], x[1]));
    }

    [Fact]
    public void Linear_OfAView_ReadsItsElements()
    {
        using var scope = NewDisposeScope();

        AssertSameAsFloat64(Random([4, 3, 6], [5, 4]), x => linear(x[0].transpose(0, 2), x[1]));
    }

    [Fact]
    public void Gelu_ForwardAndBackward_IsWhatFloat64Gives()
    {
        using var scope = NewDisposeScope();
        var x = linspace(-15, 15, 3000, float32).view(3, 1, 1, -1);

        AssertSameAsFloat64([x], x => gelu(x[0]));
    }

    [Fact]
    public void Gelu_FarBelowZero_KeepsItsDigits()
    {
        using var scope = NewDisposeScope();
        var x = linspace(-5.5, -1, 500, float64);

        var relative = gelu(x.to(float32)).to(float64) / gelu(x.to(float32).to(float64)) - 1;

        Assert.InRange(relative.abs().max().item<double>(), 0, 5e-6); // libtorch's float32 is off by a tenth at -5
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Gelu_OfHalfATensor_ReadsThatHalf(int dimension)
    {
        using var scope = NewDisposeScope();

        AssertSameAsFloat64(Random([2, 4, 3, 6]), x => gelu(x[0].chunk(2, dimension)[1]));
    }

    [Fact]
    public void Gelu_OfInfinityAndNaN_IsTheLimit()
    {
        using var scope = NewDisposeScope();

        var y = gelu(tensor([float.PositiveInfinity, float.NaN]));

        Assert.Equal([float.PositiveInfinity, float.NaN], y.data<float>().ToArray());
    }

    [Fact]
    public void Layers_WithFrozenWeights_PassTheGradientOn()
    {
        using var scope = NewDisposeScope();
        var inputs = Random([2, 3, 4, 4], [3, 3, 3, 3], [3], [5, 4]);
        Tensor Frozen(IReadOnlyList<Tensor> x) => linear(conv2d(x[0], x[1].detach(), x[2].detach(), padding: [1, 1]), x[3].detach());

        AssertSameAsFloat64(inputs, Frozen, wanted: 1);
    }

    [Fact]
    public void Layers_OfAFrozenInput_GiveTheirWeightsAGradient()
    {
        using var scope = NewDisposeScope();

        AssertSameAsFloat64(Random([3, 3, 3, 3], [3], [2, 3, 4, 4]), x => conv2d(x[2].detach(), x[0], x[1]), wanted: 2);
        AssertSameAsFloat64(Random([5, 4], [3, 4]), x => linear(x[1].detach(), x[0]), wanted: 1);
    }

    [Fact]
    public void Conv2d_Twice_GivesTheSameBytes()
    {
        using var scope = NewDisposeScope();
        var inputs = Random([2, 40, 12, 12], [50, 40, 3, 3], [50]);
        byte[][] Once() => [.. Gradients(inputs, x => conv2d(x[0], x[1], x[2], padding: [1, 1]), 3).Select(t => t.bytes.ToArray())];

        Assert.Equal(Once(), Once());
    }

    [Fact]
    public void Conv2d_ChannelsThatDoNotFit_SaysSo() =>
        Assert.ThrowsAny<Exception>(() => conv2d(ones(1, 2, 4, 4), ones(1, 3, 3, 3)));

    /// <summary>Values and the gradients of the first <paramref name="wanted"/> inputs, by default all.</summary>
    private static void AssertSameAsFloat64(Tensor[] inputs, Func<IReadOnlyList<Tensor>, Tensor> layer, int? wanted = null)
    {
        var count = wanted ?? inputs.Length;
        Tensor[] exact = [.. inputs.Select(x => x.to(float64))];
        using (no_grad()) TensorAssert.Close(layer(exact).to(float32), layer(inputs));
        foreach (var (expected, actual) in Gradients(exact, layer, count).Zip(Gradients(inputs, layer, count)))
            TensorAssert.Close(expected.to(float32), actual, 2e-5);
    }

    private static Tensor[] Gradients(Tensor[] inputs, Func<IReadOnlyList<Tensor>, Tensor> layer, int wanted)
    {
        Tensor[] leaves = [.. inputs.Select(x => x.detach().clone().requires_grad_())];
        var y = layer(leaves);
        var weight = randn(y.shape, float32, generator: new Generator(3)).to(y.dtype);
        return [.. autograd.grad([(y * weight).sum()], leaves[..wanted])];
    }

    private static Tensor[] Random(params long[][] shapes)
    {
        var generator = new Generator(11);
        return [.. shapes.Select(shape => randn(shape, float32, generator: generator))];
    }
}
