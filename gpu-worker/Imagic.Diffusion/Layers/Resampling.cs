using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

/// <summary>
/// Convolution with stride 2, (B, C, H, W) → (B, C, ⌈H/2⌉, ⌈W/2⌉). With padding 0 the picture is padded to the right
/// and at the bottom only, as the autoencoder was trained. diffusers <c>models/downsampling.py</c>.
/// </summary>
internal sealed class Downsample2D(ParameterScope scope, long channels, long padding)
{
    private readonly Conv2d _conv = new(scope["conv"], channels, channels, kernel: 3, stride: 2, padding: padding);

    public Tensor Forward(Tensor x) =>
        padding == 0 ? nn.functional.pad(x, [0, 1, 0, 1]).Then(_conv.Forward) : _conv.Forward(x);
}

/// <summary>
/// Nearest-neighbour enlargement and a convolution, (B, C, h, w) → (B, C, H, W).
/// diffusers <c>models/upsampling.py</c>.
/// </summary>
internal sealed class Upsample2D(ParameterScope scope, long channels)
{
    private readonly Conv2d _conv = new(scope["conv"], channels, channels, kernel: 3, padding: 1);

    public Tensor Forward(Tensor x, long height, long width) =>
        nn.functional.interpolate(x, size: [height, width], mode: InterpolationMode.Nearest).Then(_conv.Forward);
}
