using Imagic.Diffusion.Weights;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Layers;

/// <summary>
/// Multi-head attention of tokens (B, T, C) to a context (B, S, D) or to themselves, → (B, T, C).
/// diffusers <c>models/attention_processor.py</c>, Attention.
/// </summary>
/// <param name="scope">Where the parameters are declared.</param>
/// <param name="channels">C, a multiple of <paramref name="heads"/>.</param>
/// <param name="contextChannels">D.</param>
/// <param name="heads">Number of heads.</param>
/// <param name="bias">Whether the query, key and value projections have one; the output projection always has.</param>
/// <param name="upcast">Score in float32 whatever the dtype, for models that overflow in half precision.</param>
internal sealed class Attention(
    ParameterScope scope, long channels, long contextChannels, long heads, bool bias = false, bool upcast = false)
{
    private readonly Linear _toQuery = new(scope["to_q"], channels, channels, bias);
    private readonly Linear _toKey = new(scope["to_k"], contextChannels, channels, bias);
    private readonly Linear _toValue = new(scope["to_v"], contextChannels, channels, bias);
    private readonly Linear _toOut = new(scope["to_out"][0], channels, channels);

    public Tensor Forward(Tensor tokens)
    {
        using var own = Project(tokens);
        return Forward(tokens, own);
    }

    /// <summary>Attention to what <see cref="Project"/> made of a context; one of batch 1 serves all tokens.</summary>
    public Tensor Forward(Tensor tokens, KeysAndValues context) => Attend(tokens, context).Then(_toOut.Forward);

    /// <param name="context">(B, S, D).</param>
    public KeysAndValues Project(Tensor context)
    {
        using var temporaries = NewDisposeScope();
        return new(
            Heads(_toKey.Forward(context)).MoveToOuterDisposeScope(),
            Heads(_toValue.Forward(context)).MoveToOuterDisposeScope());
    }

    private Tensor Attend(Tensor tokens, KeysAndValues context)
    {
        using var temporaries = NewDisposeScope();
        var (query, batch) = (Heads(_toQuery.Forward(tokens)), tokens.shape[0]);
        var (key, value) = (context.Keys.expand(batch, -1, -1, -1), context.Values.expand(batch, -1, -1, -1));
        return nn.functional.scaled_dot_product_attention(query, key, value)
            .to(tokens.dtype).transpose(1, 2).flatten(2).MoveToOuterDisposeScope();
    }

    /// <summary>(B, T, C) → (B, heads, T, C/heads), a view.</summary>
    private Tensor Heads(Tensor x)
    {
        var split = x.unflatten(2, [heads, channels / heads]).transpose(1, 2);
        return upcast ? split.to(ScalarType.Float32) : split;
    }
}

/// <summary>What an attention reads of its context, each (B, heads, S, C/heads).</summary>
internal sealed record KeysAndValues(Tensor Keys, Tensor Values) : IDisposable
{
    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}
