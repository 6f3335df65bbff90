using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

/// <summary>A function of each element.</summary>
internal enum Activation
{
    /// <summary>x·σ(x).</summary>
    Silu,

    /// <summary>x·Φ(x).</summary>
    Gelu,
}

/// <summary>
/// Chains of layers that hold no more memory than they must: each link releases what it has read, and where no
/// gradient flows it works in place. What a backward pass needs autograd keeps by itself. The receiver of every
/// method is a tensor that the caller has just made and nobody else reads.
/// </summary>
internal static class Chain
{
    /// <summary>layer(x), after which x is released.</summary>
    public static Tensor Then(this Tensor x, Func<Tensor, Tensor> layer)
    {
        var y = layer(x);
        x.Dispose();
        return y;
    }

    /// <summary>x·σ(x).</summary>
    public static Tensor Silu(this Tensor x)
    {
        if (x.requires_grad) return x.Then(static x => nn.functional.silu(x));
        x.silu_();
        return x;
    }

    public static Tensor Activate(this Tensor x, Activation activation) =>
        activation == Activation.Silu ? x.Silu() : x.Then(static x => nn.functional.gelu(x));

    /// <summary>x + y, y broadcast to x.</summary>
    public static Tensor Plus(this Tensor x, Tensor y)
    {
        // In place on the output of linear, which is a view, would make autograd copy gradients.
        if (x.requires_grad || y.requires_grad) return x.Then(x => x.add(y, One));
        x.add_(y, One);
        return x;
    }

    /// <summary>x·y, element by element.</summary>
    public static Tensor Times(this Tensor x, Tensor y)
    {
        if (x.requires_grad || y.requires_grad) return x.Then(x => x.mul(y));
        x.mul_(y);
        return x;
    }
}
