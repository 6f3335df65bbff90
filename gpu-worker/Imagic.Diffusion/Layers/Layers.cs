using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

/// <summary>y = x·Wᵀ + b over the last dimension, (…, in) → (…, out).</summary>
internal sealed class Linear(ParameterScope scope, long inFeatures, long outFeatures, bool bias = true)
{
    private readonly Tensor _weight = scope.Weight("weight", outFeatures, inFeatures);
    private readonly Tensor? _bias = bias ? scope.Zeros("bias", outFeatures) : null;
    private readonly LowRank _lowRank = scope.LowRank();

    public Tensor Forward(Tensor x)
    {
        var y = nn.functional.linear(x, _weight, _bias);
        if (_lowRank is not { Down: { } down, Up: { } up }) return y;
        using var product = nn.functional.linear(x, down).Then(inner => nn.functional.linear(inner, up));
        return y.Plus(product);
    }
}

/// <summary>2-D convolution with a square kernel, (B, in, H, W) → (B, out, H', W').</summary>
internal sealed class Conv2d(
    ParameterScope scope, long inChannels, long outChannels, long kernel, long stride = 1, long padding = 0)
{
    private readonly Tensor _weight = scope.Weight("weight", outChannels, inChannels, kernel, kernel);
    private readonly Tensor _bias = scope.Zeros("bias", outChannels);

    public Tensor Forward(Tensor x) => Convolution.Of(x, _weight, _bias, stride, padding);
}

/// <summary>Group normalization with gain and bias per channel, (B, C, …) → same.</summary>
internal sealed class GroupNorm(ParameterScope scope, long groups, long channels, double eps)
{
    private readonly Tensor _weight = scope.Ones("weight", channels);
    private readonly Tensor _bias = scope.Zeros("bias", channels);

    public Tensor Forward(Tensor x) => nn.functional.group_norm(x, groups, _weight, _bias, eps);
}

/// <summary>Layer normalization over the last dimension, (…, C) → same.</summary>
internal sealed class LayerNorm(ParameterScope scope, long channels, double eps = 1e-5)
{
    private readonly Tensor _weight = scope.Ones("weight", channels);
    private readonly Tensor _bias = scope.Zeros("bias", channels);

    public Tensor Forward(Tensor x) => nn.functional.layer_norm(x, [channels], _weight, _bias, eps);
}

/// <summary>
/// Convolution with stride 2, (B, C, H, W) → (B, C, ⌈H/2⌉, ⌈W/2⌉). With padding 0 the picture is padded to the right
/// and at the bottom only, as the autoencoder was trained. diffusers <c>models/downsampling.py</c>.
/// </summary>
internal sealed class Downsample2D(ParameterScope scope, long channels, long padding)
{
    private readonly Conv2d _conv = new(scope["conv"], channels, channels, kernel: 3, stride: 2, padding: padding);

    public Tensor Forward(Tensor x) =>
        scope.Gave(padding == 0 ? nn.functional.pad(x, [0, 1, 0, 1]).Then(_conv.Forward) : _conv.Forward(x));
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

/// <summary>A feature map (B, C, H, W) as a sequence of its positions (B, H·W, C), and back.</summary>
internal static class Tokens
{
    /// <summary>(B, C, H, W) → (B, H·W, C), contiguous: linear layers fold batch and position without a copy.</summary>
    public static Tensor FromFeatureMap(Tensor x)
    {
        using var temporaries = NewDisposeScope();
        return x.flatten(2).transpose(1, 2).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>(B, H·W, C) → (B, C, H, W) with the sizes of <paramref name="like"/>, a view.</summary>
    public static Tensor ToFeatureMap(Tensor tokens, Tensor like)
    {
        using var temporaries = NewDisposeScope();
        return tokens.transpose(1, 2).unflatten(2, [like.shape[2], like.shape[3]]).MoveToOuterDisposeScope();
    }
}
