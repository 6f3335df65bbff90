using Imagic.Diffusion.Layers;
using Imagic.Diffusion.Weights;
using static Imagic.Diffusion.Scalars;
using static TorchSharp.torch;

namespace Imagic.Diffusion.Clip;

/// <summary>Self-attention and a feed-forward block, each behind a layer norm and added to its input.</summary>
/// <param name="config">Sizes.</param>
/// <param name="scope">Where the parameters are declared.</param>
/// <param name="isCausal">Whether a state sees itself and those before it only, as in texts.</param>
internal sealed class ClipEncoderLayer(IClipLayerConfig config, ParameterScope scope, bool isCausal = true)
{
    private readonly LayerNorm _norm1 = new(scope["layer_norm1"], config.HiddenSize, config.LayerNormEps);
    private readonly Linear _query = new(scope["self_attn"]["q_proj"], config.HiddenSize, config.HiddenSize);
    private readonly Linear _key = new(scope["self_attn"]["k_proj"], config.HiddenSize, config.HiddenSize);
    private readonly Linear _value = new(scope["self_attn"]["v_proj"], config.HiddenSize, config.HiddenSize);
    private readonly Linear _out = new(scope["self_attn"]["out_proj"], config.HiddenSize, config.HiddenSize);
    private readonly LayerNorm _norm2 = new(scope["layer_norm2"], config.HiddenSize, config.LayerNormEps);
    private readonly Linear _up = new(scope["mlp"]["fc1"], config.HiddenSize, config.IntermediateSize);
    private readonly Linear _down = new(scope["mlp"]["fc2"], config.IntermediateSize, config.HiddenSize);

    /// <summary>(B, T, d) → same.</summary>
    public Tensor Forward(Tensor states)
    {
        using var temporaries = NewDisposeScope();
        states = states.add(Attend(_norm1.Forward(states)), One);
        return states.add(_down.Forward(Activate(_up.Forward(_norm2.Forward(states)))), One).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor states)
    {
        var (query, key, value) =
            (Heads(_query.Forward(states)), Heads(_key.Forward(states)), Heads(_value.Forward(states)));
        var attended = nn.functional.scaled_dot_product_attention(query, key, value, is_casual: isCausal); // sic
        return _out.Forward(attended.transpose(1, 2).reshape(states.shape));
    }

    // (B, T, d) → (B, heads, T, d / heads)
    private Tensor Heads(Tensor states) =>
        states.view(states.shape[0], states.shape[1], config.NumAttentionHeads, -1).transpose(1, 2);

    private Tensor Activate(Tensor states) => config.HiddenAct switch
    {
        "quick_gelu" => states * sigmoid(states * Held(1.702)),
        _ => nn.functional.gelu(states),
    };
}
