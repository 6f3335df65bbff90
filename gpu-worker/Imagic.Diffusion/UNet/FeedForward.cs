using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// GEGLU feed-forward layer, (B, T, C) → same: W₂·(a · gelu(b)) with (a, b) the halves of W₁·x.
/// diffusers <c>models/attention.py</c>, FeedForward; arXiv 2002.05202.
/// </summary>
internal sealed class FeedForward(ParameterScope scope, long channels)
{
    private readonly Linear _in = new(scope["net"][0]["proj"], channels, 8 * channels);
    private readonly Linear _out = new(scope["net"][2], 4 * channels, channels);

    public Tensor Forward(Tensor x) => _in.Forward(x).Then(Gate).Then(_out.Forward);

    private static Tensor Gate(Tensor x)
    {
        using var temporaries = NewDisposeScope();
        var halves = x.chunk(2, -1);
        return nn.functional.gelu(halves[1]).Times(halves[0]).MoveToOuterDisposeScope();
    }
}
