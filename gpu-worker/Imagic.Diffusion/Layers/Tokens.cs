using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

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
