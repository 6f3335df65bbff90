using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests;

internal static class Compare
{
    /// <summary>Asserts equal shapes and max |actual − expected| ≤ tolerance · max |expected|.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        using var scope = NewDisposeScope();
        var (wanted, found) = (expected.to(ScalarType.Float64), actual.to(ScalarType.Float64));
        var relative = (found - wanted).abs().max().item<double>() / wanted.abs().max().item<double>();
        Assert.True(relative <= tolerance, $"The largest difference is {relative:e2} of the largest value, allowed {tolerance:e0}.");
    }
}
