using TorchSharp;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

/// <summary>
/// Convolutions that are right on every processor. oneDNN 3.7, that of libtorch 2.10, gives wrong ones on AMD's Zen 5: where
/// channels do not come in blocks of 16, and gradients by the input where the stride is 2, by as much as the values' own
/// size; in bfloat16 others too. What the models spend their time on it gets right, three times as fast as the products of
/// patches that take the place of the rest.
/// </summary>
internal static class Convolution
{
    private const long Block = 16; // channels in one vector of AVX-512

    /// <param name="x">(B, in, H, W).</param>
    /// <param name="weight">(out, in, k, k).</param>
    /// <param name="bias">(out).</param>
    /// <param name="stride">In both directions.</param>
    /// <param name="padding">On all four sides.</param>
    public static Tensor Of(Tensor x, Tensor weight, Tensor bias, long stride, long padding)
    {
        if (x.device_type != DeviceType.CPU || weight.shape[2] == 1) return Direct(x, weight, bias, stride, padding);
        var (outChannels, inChannels) = (weight.shape[0], weight.shape[1]);
        var inTails = inChannels > Block && inChannels % Block != 0;
        if (inTails || (stride != 1 && x.requires_grad) || x.dtype != ScalarType.Float32)
            return OfPatches(x, weight, bias, stride, padding);
        return outChannels % Block != 0 && x.requires_grad
            ? OfWholeBlocks(x, weight, bias, stride, padding)
            : Direct(x, weight, bias, stride, padding);
    }

    private static Tensor Direct(Tensor x, Tensor weight, Tensor bias, long stride, long padding) =>
        nn.functional.conv2d(x, weight, bias, strides: [stride, stride], padding: [padding, padding]);

    private static Tensor OfWholeBlocks(Tensor x, Tensor weight, Tensor bias, long stride, long padding)
    {
        using var temporaries = NewDisposeScope();
        var outChannels = weight.shape[0];
        var missing = Block - (outChannels % Block);
        var (padded, paddedBias) = (nn.functional.pad(weight, [0, 0, 0, 0, 0, 0, 0, missing]), nn.functional.pad(bias, [0, missing]));
        return Direct(x, padded, paddedBias, stride, padding).narrow(1, 0, outChannels).MoveToOuterDisposeScope();
    }

    /// <summary>As the product of all k×k patches of the picture, (B, in·k·k, H'·W'), with the weights.</summary>
    private static Tensor OfPatches(Tensor x, Tensor weight, Tensor bias, long stride, long padding)
    {
        using var temporaries = NewDisposeScope();
        var (outChannels, kernel) = (weight.shape[0], weight.shape[2]);
        var patches = nn.functional.unfold(x, kernel, padding: padding, stride: stride);
        var height = ((x.shape[2] + (2 * padding) - kernel) / stride) + 1;
        return matmul(weight.view(outChannels, -1), patches).Plus(bias.unsqueeze(1))
            .unflatten(2, [height, -1]).MoveToOuterDisposeScope();
    }
}
