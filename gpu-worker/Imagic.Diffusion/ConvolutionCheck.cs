using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Diffusion;

/// <summary>
/// Whether gradients of convolutions are right: those of float32, which may go to oneDNN, against those of float64, which
/// never do. Where oneDNN is wrong, it is so for few channels and small pictures, by more than the values' own size.
/// </summary>
internal static class ConvolutionCheck
{
    private const double Tolerance = 1e-3;

    public static bool Passes()
    {
        using var scope = NewDisposeScope();
        // With one thread most convolutions do not go to oneDNN.
        var threads = get_num_threads();
        set_num_threads(2);
        try
        {
            for (var channels = 4; channels <= 16; channels *= 2)
            {
                // Not "greater than": NaN is wrong too.
                if (!(Error(batch: 3, channels, size: 4) < Tolerance && Error(batch: 1, channels, size: 8) < Tolerance)) return false;
            }

            return true;
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    /// <summary>Largest error of the gradient by the input of a 3x3 convolution; NaN where that is NaN.</summary>
    public static double Error(long batch, long channels, long size)
    {
        using var scope = NewDisposeScope();
        return (Gradient(ScalarType.Float32) - Gradient(ScalarType.Float64)).abs().max().item<double>();

        Tensor Gradient(ScalarType dtype)
        {
            var input = Ramp(batch, channels, size, size).to(dtype).requires_grad_();
            var output = nn.functional.conv2d(input, Ramp(7, channels, 3, 3).to(dtype), padding: [1, 1]);
            (output * Ramp(output.shape).to(dtype)).sum().backward();
            return input.grad!.to(ScalarType.Float64);
        }

        static Tensor Ramp(params long[] shape) =>
            arange(shape.Aggregate((a, b) => a * b)).to(ScalarType.Float64).mul(0.7).sin().view(shape);
    }
}
