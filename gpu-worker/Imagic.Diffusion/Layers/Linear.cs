using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

/// <summary>y = x·Wᵀ + b over the last dimension, (…, in) → (…, out).</summary>
internal sealed class Linear(ParameterScope scope, long inFeatures, long outFeatures, bool bias = true)
{
    private readonly Tensor _weight = scope.Weight("weight", outFeatures, inFeatures);
    private readonly Tensor? _bias = bias ? scope.Zeros("bias", outFeatures) : null;

    public Tensor Forward(Tensor x) => nn.functional.linear(x, _weight, _bias);
}
