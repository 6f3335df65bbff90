using Imagic.Diffusion.Layers;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion;

/// <summary>
/// Whether <see cref="Convolution"/> is right: in float32, where it may go to oneDNN, against float64, where it never does.
/// Where oneDNN is wrong, it is so by as much as the values' own size.
/// </summary>
internal static class ConvolutionCheck
{
    private const double Tolerance = 1e-3;

    public static bool Passes()
    {
        using var scope = NewDisposeScope();
        var threads = get_num_threads();
        try
        {
            // What goes to oneDNN depends on the number of threads.
            return AreRight(1) && AreRight(2);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    private static bool AreRight(int threads)
    {
        set_num_threads(threads);
        // All that goes to oneDNN has whole blocks of channels on one side, and a stride of 1 where gradients are asked for.
        // Not "greater than": NaN is wrong too.
        return new[] { (4, 16), (16, 16), (16, 4) }.All(channels => Error(batch: 3, channels.Item1, channels.Item2, size: 10) < Tolerance);
    }

    /// <summary>Largest error of the output and both gradients of a 3×3 convolution; NaN where one is NaN.</summary>
    public static double Error(long batch, long inChannels, long outChannels, long size, long stride = 1)
    {
        using var scope = NewDisposeScope();
        return (Numbers(ScalarType.Float32) - Numbers(ScalarType.Float64)).abs().max().item<double>();

        Tensor Numbers(ScalarType dtype)
        {
            var input = Ramp(batch, inChannels, size, size).to(dtype).requires_grad_();
            var weight = Ramp(outChannels, inChannels, 3, 3).to(dtype).requires_grad_();
            var output = Convolution.Of(input, weight, Ramp(outChannels).to(dtype), stride, padding: 1);
            var gradients = autograd.grad([output], [input, weight], [Ramp(output.shape).to(dtype)]);
            return cat([output.detach().flatten(), gradients[0].flatten(), gradients[1].flatten()]).to(ScalarType.Float64);
        }

        static Tensor Ramp(params long[] shape) =>
            arange(Held(0), Held(shape.Aggregate((a, b) => a * b)), One).to(ScalarType.Float64).mul(Held(0.7)).sin().view(shape);
    }
}
