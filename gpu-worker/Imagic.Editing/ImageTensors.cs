using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Editing;

/// <summary>Between pixels and the autoencoder's tensors.</summary>
public static class ImageTensors
{
    /// <summary>Pixels as (1, 3, H, W) float32 in [-1, 1]: 2x/255 − 1.</summary>
    public static Tensor ToTensor(this RgbImage picture)
    {
        using var scope = NewDisposeScope();
        var bytes = tensor(picture.Pixels, [1, picture.Height, picture.Width, 3], dtype: ScalarType.Byte);
        return bytes.permute(0, 3, 1, 2).to(ScalarType.Float32).mul_(Held(2f / 255)).sub_(One).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Decoded pictures (B, 3, H, W) in [-1, 1] as bytes (B, H, W, 3), clamped and rounded.</summary>
    public static Tensor ToBytes(Tensor decoded)
    {
        using var scope = NewDisposeScope();
        var unit = decoded.to(ScalarType.Float32).mul(Held(127.5)).add_(Held(127.5), One).clamp_(Held(0), Held(255)).round_();
        return unit.to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().cpu().MoveToOuterDisposeScope();
    }

    /// <summary>Picture <paramref name="index"/> of bytes (B, H, W, 3) on the CPU.</summary>
    public static RgbImage ToImage(Tensor bytes, long index)
    {
        using var scope = NewDisposeScope();
        var one = bytes[index].contiguous();
        return new((int)one.shape[1], (int)one.shape[0], one.bytes.ToArray());
    }
}
