using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

/// <summary>2-D convolution with a square kernel, (B, in, H, W) → (B, out, H', W').</summary>
internal sealed class Conv2d(
    ParameterScope scope, long inChannels, long outChannels, long kernel, long stride = 1, long padding = 0)
{
    private readonly Tensor _weight = scope.Weight("weight", outChannels, inChannels, kernel, kernel);
    private readonly Tensor _bias = scope.Zeros("bias", outChannels);

    public Tensor Forward(Tensor x) =>
        nn.functional.conv2d(x, _weight, _bias, strides: [stride, stride], padding: [padding, padding]);
}
