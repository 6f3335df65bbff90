using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>What a denoiser is told of a text, e in the paper. All parts are optimized and interpolated together.</summary>
/// <param name="States">A state for each token, (B, T, d), or (1, T, d) for every picture of a batch.</param>
/// <param name="Pooled">One state for the whole text, (B, p) or (1, p); only of models that take one (SDXL).</param>
public sealed record TextEmbedding(Tensor States, Tensor? Pooled = null) : IDisposable
{
    /// <summary>Each part, in an order that does not change.</summary>
    public Tensor[] Parts => Pooled is null ? [States] : [States, Pooled];

    /// <summary>The embedding of which each part is <paramref name="map"/> of this one's.</summary>
    public TextEmbedding Map(Func<Tensor, Tensor> map) => new(map(States), Pooled is null ? null : map(Pooled));

    /// <summary>The embedding of which each part is made of this one's and <paramref name="other"/>'s.</summary>
    public TextEmbedding Zip(TextEmbedding other, Func<Tensor, Tensor, Tensor> map) =>
        new(map(States, other.States), Pooled is null ? null : map(Pooled, other.Pooled!));

    public void Dispose()
    {
        States.Dispose();
        Pooled?.Dispose();
    }
}
