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
    private readonly Dictionary<object, Tensor[]> _known = [];

    /// <summary>What an attention to the text's states makes of them.</summary>
    internal KeysAndValues For(Attention attention) => For(attention, context => attention.Project(context.States(projection: null)));

    /// <summary>Keys and values that a layer makes of this context.</summary>
    internal KeysAndValues For(object layer, Func<TextContext, KeysAndValues> project)
    {
        var parts = Kept(layer, () =>
        {
            var (keys, values) = project(this);
            return [keys, values];
        });
        return new(parts[0], parts[1]);
    }

    /// <summary>What is added to the embedding of the timestep.</summary>
    internal Tensor For(IAddEmbedding embedding) => Kept(embedding, () => [embedding.Forward(text, timeIds)])[0];

    /// <summary>The text's states, after a projection where there is one.</summary>
    internal Tensor States(TextProjection? projection) =>
        projection is null ? text.States : Kept(projection, () => [projection.Forward(text.States)])[0];

    public void Dispose()
    {
        foreach (var tensor in _known.Values.SelectMany(tensors => tensors)) tensor.Dispose();
    }

    private Tensor[] Kept(object layer, Func<Tensor[]> compute)
    {
        if (_known.TryGetValue(layer, out var known)) return known;
        return _known[layer] = Array.ConvertAll(compute(), tensor => tensor.DetachFromDisposeScope());
    }
}
