using static TorchSharp.torch;

namespace Imagic.Diffusion.UNet;

/// <summary>A piece of the UNet: one tensor of what it reads. It leaves its inputs alone.</summary>
internal delegate Tensor Piece(Tensor[] inputs, TextContext text);

/// <summary>One pass through the UNet, piece by piece, and what is kept of it for the way back.</summary>
public abstract class Pass
{
    internal abstract Tensor Run(Piece piece, params Tensor[] inputs);

    /// <summary>Says that no later piece reads a tensor.</summary>
    internal virtual void Release(Tensor tensor) => tensor.Dispose();
}

/// <summary>Without a way back, or through autograd's own graph where somebody else needs no sums to be grouped.</summary>
internal sealed class PlainPass(TextContext text) : Pass
{
    internal override Tensor Run(Piece piece, params Tensor[] inputs) => piece(inputs, text);
}

/// <summary>
/// Autograd keeps everything. Each piece reads views: so what its parts give for one input is summed before it is added
/// to what other pieces give, as <see cref="Recomputation"/> does it, and both give the same bits.
/// </summary>
internal sealed class GraphPass(TextEmbedding text, Tensor? timeIds) : Pass
{
    internal override Tensor Run(Piece piece, params Tensor[] inputs)
    {
        using var scope = NewDisposeScope();
        return Views.Compute(piece, inputs, text, timeIds).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// Keeps the inputs of each piece only and computes it once more on the way back (Chen et al., arXiv 1604.06174): memory for
/// one more forward pass. First the loss goes back to the UNet's estimate, then <see cref="Backward"/> from there.
/// </summary>
public sealed class Recomputation : Pass, IDisposable
{
    private readonly List<(Piece Piece, Tensor[] Inputs, Tensor Output)> _pieces = [];
    private readonly Dictionary<Tensor, Tensor> _leaves = new(ReferenceEqualityComparer.Instance); // by the caller's tensors
    private TextEmbedding? _text;
    private Tensor? _timeIds;

    internal Recomputation Of(TextEmbedding text, Tensor? timeIds)
    {
        (_text, _timeIds) = (text.Map(Leaf), timeIds);
        return this;
    }

    /// <summary>Adds the gradients of parameters and of what the caller gave to their own, given that of the estimate.</summary>
    public void Backward()
    {
        for (var i = _pieces.Count - 1; i >= 0; i--)
        {
            using var scope = NewDisposeScope();
            var (piece, inputs, output) = _pieces[i];
            if (output.requires_grad && output.grad is { } gradient)
                autograd.backward([Compute(piece, inputs)], [gradient]);
            output.Dispose();
            _pieces.RemoveAt(i);
        }

        using var outer = NewDisposeScope();
        foreach (var (given, leaf) in _leaves)
        {
            if (leaf.requires_grad && leaf.grad is { } gradient) autograd.backward([given], [gradient]);
        }
    }

    public void Dispose()
    {
        foreach (var (_, _, output) in _pieces) output.Dispose();
        foreach (var leaf in _leaves.Values) leaf.Dispose();
    }

    internal override Tensor Run(Piece piece, params Tensor[] inputs)
    {
        using var scope = NewDisposeScope();
        Tensor[] leaves = [.. inputs.Select(Leaf)];
        var result = Compute(piece, leaves);
        var output = Detached(result);
        _pieces.Add((piece, leaves, output));
        return output;
    }

    internal override void Release(Tensor tensor)
    {
        // It is read once more on the way back.
    }

    // With gradients also the first time: without them other kernels compute, in place.
    private Tensor Compute(Piece piece, Tensor[] inputs) => Views.Compute(piece, inputs, _text!, _timeIds);

    private Tensor Leaf(Tensor given)
    {
        if (_pieces.Exists(piece => ReferenceEquals(piece.Output, given))) return given;
        if (!_leaves.TryGetValue(given, out var leaf)) _leaves[given] = leaf = Detached(given);
        return leaf;
    }

    private static Tensor Detached(Tensor tensor)
    {
        var leaf = tensor.detach().DetachFromDisposeScope();
        if (tensor.requires_grad) leaf.requires_grad = true;
        return leaf;
    }
}

/// <summary>Views of whole tensors: nodes of autograd's graph that sum the gradients of those who read them.</summary>
internal static class Views
{
    public static Tensor Compute(Piece piece, Tensor[] inputs, TextEmbedding text, Tensor? timeIds)
    {
        using var context = new TextContext(text.Map(Of), timeIds);
        return piece(Array.ConvertAll(inputs, Of), context);

        static Tensor Of(Tensor tensor) => tensor.view(tensor.shape);
    }
}
