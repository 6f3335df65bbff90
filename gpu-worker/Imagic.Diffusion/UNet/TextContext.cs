using Imagic.Diffusion.Layers;
using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>
/// The text that a denoiser attends to. What it computes of the text alone, such as the keys and values of each attention,
/// is computed when it is first asked for and kept: from one denoising step to the next neither the text nor the weights
/// change.
/// </summary>
/// <param name="text">In the dtype of the parameters.</param>
/// <param name="timeIds">What SDXL is told of the picture's size, (1, 6): original height and width, crop top and left,
/// target height and width, in pixels.</param>
public sealed class TextContext(TextEmbedding text, Tensor? timeIds = null) : IDisposable
{
    private readonly Dictionary<Attention, KeysAndValues> _projected = [];
    private Tensor? _added;

    internal KeysAndValues For(Attention attention)
    {
        if (_projected.TryGetValue(attention, out var known)) return known;
        var projected = attention.Project(text.States);
        projected.Keys.DetachFromDisposeScope();
        projected.Values.DetachFromDisposeScope();
        return _projected[attention] = projected;
    }

    /// <summary>What is added to the embedding of the timestep, (B, 4·C₀).</summary>
    /// <exception cref="ArgumentException">The model takes a pooled state and time ids, and there are none.</exception>
    internal Tensor For(TextTimeEmbedding embedding)
    {
        if (text.Pooled is null || timeIds is null) throw new ArgumentException("the UNet also takes a pooled state of the text and time ids");
        return _added ??= embedding.Forward(text.Pooled, timeIds).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var projected in _projected.Values) projected.Dispose();
        _added?.Dispose();
    }
}
