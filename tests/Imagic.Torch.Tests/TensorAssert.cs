using static TorchSharp.torch;

namespace Imagic.Torch.Tests;

static class TensorAssert
{
    /// <summary>Same shape, elements equal to 1e-5 relative or absolute.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.shape, actual.shape);
        using var scope = NewDisposeScope();
        Assert.True(actual.allclose(expected, tolerance, tolerance),
            $"largest difference {(actual - expected).abs().max().to(float64).item<double>()} at {expected}");
    }

    public static void Elements(float[] expected, Tensor actual) =>
        Assert.Equal(expected, actual.data<float>().ToArray());

    public static void Elements(long[] expected, Tensor actual) =>
        Assert.Equal(expected, actual.data<long>().ToArray());

    public static void Elements(bool[] expected, Tensor actual) =>
        Assert.Equal(expected, actual.data<bool>().ToArray());
}
