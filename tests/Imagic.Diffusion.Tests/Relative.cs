using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Tests;

internal static class Relative
{
    /// <summary>‖actual − expected‖ / ‖expected‖, in float64.</summary>
    public static double Error(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        using var scope = NewDisposeScope();
        var (wanted, found) = (expected.to(ScalarType.Float64), actual.to(ScalarType.Float64));
        return ((found - wanted).norm() / wanted.norm()).item<double>();
    }

    /// <summary>
    /// Asserts that each number is the other but for a float's last digits: processors and versions of libtorch differ
    /// in <c>linspace</c>, and a product of a thousand numbers carries it on.
    /// </summary>
    public static void Same(IReadOnlyList<float> expected, IReadOnlyList<float> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First * (1 - 1e-6f), pair.First * (1 + 1e-6f)));
    }

    /// <summary>Asserts equal shapes and <see cref="Error"/> ≤ tolerance; the error is in the test's output.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance, string name)
    {
        var error = Error(expected, actual);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {error:0.0e-0}");
        Assert.True(error <= tolerance, $"{name} is off by {error:0.0e-0} of its norm, allowed {tolerance:0e-0}.");
    }
}
