using Imagic.Diffusion.Layers;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// The text that a denoiser attends to. The keys and values that an attention makes of it are computed when they are
/// first asked for and kept: from one denoising step to the next neither the text nor the weights change.
/// </summary>
/// <param name="states">Text states in the dtype of the parameters, (B, T, d), or (1, T, d) for every picture of a batch.</param>
public sealed class TextContext(Tensor states) : IDisposable
{
    private readonly Dictionary<Attention, KeysAndValues> _projected = [];

    internal KeysAndValues For(Attention attention)
    {
        if (_projected.TryGetValue(attention, out var known)) return known;
        var projected = attention.Project(states);
        projected.Keys.DetachFromDisposeScope();
        projected.Values.DetachFromDisposeScope();
        return _projected[attention] = projected;
    }

    public void Dispose()
    {
        foreach (var projected in _projected.Values) projected.Dispose();
    }
}
