using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

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
